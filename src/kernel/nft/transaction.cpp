#include "kernel/nft/transaction.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "kernel/nft/codec.h"

namespace podwire::kernel {
namespace {

using Kind = NftBatch::Step::Kind;

constexpr std::size_t kListLimit = 65535 - kLargestElement;

const nfgenmsg kBatch{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)};

std::uint16_t message_of(Kind kind) {
  return kind == Kind::remove || kind == Kind::flush ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM;
}

std::uint16_t flags_of(Kind kind) {
  if (kind == Kind::add) return NLM_F_CREATE;
  if (kind == Kind::create) return NLM_F_CREATE | NLM_F_EXCL;
  return 0;
}

std::string_view verb_of(Kind kind) {
  switch (kind) {
    case Kind::add:
      return "add to nftables set";
    case Kind::create:
      return "create in nftables set";
    case Kind::remove:
      return "delete from nftables set";
    case Kind::flush:
      break;
  }
  return "flush nftables set";
}

/// Which element of the message with this sequence number starts at `offset`: the kernel points at the one
/// that it refused, or at the set's name when that is what is missing.
std::optional<std::size_t> element_at(std::span<const std::byte> batch, std::uint32_t sequence,
                                      std::uint32_t offset) {
  for (const netlink::Message& m : netlink::Messages(batch)) {
    if (m.sequence() != sequence) continue;
    const auto list = m.attributes<nfgenmsg>().find(NFTA_SET_ELEM_LIST_ELEMENTS);
    if (!list) return std::nullopt;
    const std::byte* start = m.payload().data() - sizeof(nlmsghdr);
    std::size_t index = 0;
    for (const netlink::Attribute& a : list->nested()) {
      if (a.bytes().data() - NLA_HDRLEN - start == static_cast<std::ptrdiff_t>(offset)) return index;
      ++index;
    }
  }
  return std::nullopt;
}

}  // namespace

NftTransaction::NftTransaction(netlink::Socket& socket)
    : socket_(socket), first_sequence_(socket.next_sequence()) {
  writer_.message(NFNL_MSG_BATCH_BEGIN, 0, kBatch, first_sequence_);
}

std::uint32_t NftTransaction::next(Origin origin) {
  origins_.push_back(std::move(origin));
  return socket_.next_sequence();
}

void NftTransaction::add(const NftBatch::Step& step) {
  if (step.kind == Kind::flush)  // a deletion without a list
    start_set_message(writer_, message_of(step.kind), 0, step.set, next({.step = &step}));
  else
    add_elements(step);
}

void NftTransaction::add_elements(const NftBatch::Step& step) {
  const auto part = step.kind == Kind::remove ? ElementPart::key_only : ElementPart::whole;
  for (std::size_t i = 0; i < step.elements.size();) {
    start_set_message(writer_, message_of(step.kind), flags_of(step.kind), step.set,
                      next({.step = &step, .first_element = i}));
    const auto list = writer_.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    while (i < step.elements.size() && list.size() < kListLimit)
      put_element(writer_, step.elements[i++], part);
  }
}

void NftTransaction::delete_table(state::NftFamily family, std::string_view table) {
  start_nft_message(writer_, NFT_MSG_DELTABLE, 0, family, next({.object = std::string(table)}));
  writer_.put_string(NFTA_TABLE_NAME, table);
}

Result<> NftTransaction::run() {
  if (origins_.empty()) return {};
  writer_.add_flags(NLM_F_ACK);  // of the last message: refusals are told unasked
  writer_.message(NFNL_MSG_BATCH_END, 0, kBatch, socket_.next_sequence());
  const auto refusals = TRY(
      netlink::named(socket_.transact(writer_), "commit nftables transaction", [] { return std::string(); }));
  if (refusals.empty()) return {};
  return std::unexpected(explain(refusals.front()));
}

Error NftTransaction::explain(const netlink::Verdict& verdict) const {
  const std::size_t index = verdict.sequence - first_sequence_ - 1;
  if (index >= origins_.size())  // the transaction as a whole
    return {.verb = "commit nftables transaction",
            .object = {},
            .sys_errno = verdict.sys_errno,
            .detail = verdict.text};
  const Origin& origin = origins_[index];
  Error error{.verb = "delete nftables table",
              .object = origin.object,
              .sys_errno = verdict.sys_errno,
              .detail = verdict.text};
  if (origin.step == nullptr) return error;
  error.verb = verb_of(origin.step->kind);
  error.object = describe(origin.step->set);
  const auto element = element_at(writer_.bytes(), verdict.sequence, verdict.offset);
  if (element && origin.first_element + *element < origin.step->elements.size())
    error.object += ", element " + describe(origin.step->elements[origin.first_element + *element]);
  return error;
}

}  // namespace podwire::kernel
