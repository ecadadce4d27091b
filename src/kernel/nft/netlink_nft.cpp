#include "kernel/nft/netlink_nft.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <thread>
#include <tuple>

#include "kernel/nft/codec.h"
#include "kernel/nft/open.h"
#include "kernel/nft/transaction.h"

namespace podwire::kernel {

using netlink::Message;
using netlink::named;
using netlink::Writer;
using state::NftElement;
using state::NftSet;

Result<std::unique_ptr<Nft>> open_nft(const NetNs& netns) {
  auto socket = TRY(netlink::Socket::open(NETLINK_NETFILTER, netns));
  return std::make_unique<NetlinkNft>(TRY(netns.duplicate()), std::move(socket));
}

Result<> NetlinkNft::commit(const NftBatch& batch) {
  NftTransaction transaction(socket_);
  for (const auto& step : batch.steps()) transaction.add(step);
  return transaction.run();
}

Result<std::optional<NftElement>> NetlinkNft::get(const NftSet& set, const state::NftBytes& key) {
  Writer w;
  start_set_message(w, NFT_MSG_GETSETELEM, 0, set);
  {
    const auto list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    put_element(w, {.key = key}, ElementPart::key_only);
  }
  std::vector<NftElement> found;
  Result<> decoded;
  const auto done = socket_.request(w, [&](const Message& m) {
    if (decoded) decoded = read_elements(m, found);
  });
  const auto object = [&] { return describe(set) + ", element " + key.hex(); };
  // One errno for two things: no such element, which is an answer, and no such set.
  if (!done && done.error().sys_errno == ENOENT && TRY(has_set(set))) return std::nullopt;
  TRY(named(done, "get element of nftables set",
            [&] { return done.error().sys_errno == ENOENT ? describe(set) : object(); }));
  TRY(named(decoded, "read element of nftables set", object));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<bool> NetlinkNft::has_set(const NftSet& set) {
  Writer w;
  start_nft_message(w, NFT_MSG_GETSET, 0, set.family);
  w.put_string(NFTA_SET_TABLE, set.table);
  w.put_string(NFTA_SET_NAME, set.name);
  const auto done = socket_.request(w);
  if (!done && done.error().sys_errno == ENOENT) return false;
  TRY(named(done, "look for nftables set", [&] { return describe(set); }));
  return true;
}

Result<std::vector<NftElement>> NetlinkNft::dump(const NftSet& set) {
  Writer w;
  start_set_message(w, NFT_MSG_GETSETELEM, 0, set);
  const auto object = [&] { return describe(set); };
  Result<> readable;
  const auto read_part = [&](const Message& m) {  // one answer holds many elements
    std::vector<NftElement> part;
    if (readable) readable = read_elements(m, part);
    return std::optional(std::move(part));
  };
  auto parts = TRY(named(socket_.dump(w, read_part), "list nftables set", object));
  TRY(named(readable, "list nftables set", object));
  std::vector<NftElement> all;
  for (auto& part : parts) std::ranges::move(part, std::back_inserter(all));
  return all;
}

Result<std::vector<NftElement>> NetlinkNft::elements(const NftSet& set) {
  // The kernel goes on with a dump by the number of elements that it has given. When a growing hash table is
  // rearranged meanwhile (which is no change of the ruleset, so it does not say so), some come twice and as
  // many others not at all: an element that came twice is the sign. Rearranging soon ends.
  constexpr int kAttempts = 10;
  const auto key = [](const NftElement& e) { return std::tie(e.key, e.key_end); };
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1 << attempt));
    auto all = TRY(dump(set));
    std::ranges::sort(all, {}, key);
    if (std::ranges::adjacent_find(all, {}, key) == all.end()) return all;
  }
  return fail("list nftables set", describe(set), EINTR,
              "its hash table was rearranged during each of 10 dumps");
}

Result<bool> NetlinkNft::has_table(state::NftFamily family, std::string_view table) {
  Writer w;
  start_nft_message(w, NFT_MSG_GETTABLE, 0, family);
  w.put_string(NFTA_TABLE_NAME, table);
  const auto done = socket_.request(w);
  if (!done && done.error().sys_errno == ENOENT) return false;
  TRY(named(done, "look for nftables table", [&] { return std::string(table); }));
  return true;
}

Result<> NetlinkNft::delete_table(state::NftFamily family, std::string_view table) {
  NftTransaction transaction(socket_);
  transaction.delete_table(family, table);
  auto done = transaction.run();
  if (!done && done.error().sys_errno == ENOENT) return {};
  return done;
}

}  // namespace podwire::kernel
