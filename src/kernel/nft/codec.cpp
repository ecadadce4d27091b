#include "kernel/nft/codec.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Writer;
using state::NftBytes;
using state::NftElement;
using state::NftVerdict;

// An element's userdata is a list of type, length, value of a byte, a byte, and bytes: libnftnl's convention,
// by which `nft list` shows the comment. The comment is NUL-terminated.
constexpr auto kUserdataComment = std::byte{0};
constexpr std::size_t kLongestComment = 127;

void put_value(Writer& w, std::uint16_t type, const NftBytes& bytes) {
  const auto data = w.nest(type);
  w.put_bytes(NFTA_DATA_VALUE, bytes.bytes());
}

void put_verdict(Writer& w, const NftVerdict& verdict) {
  const auto data = w.nest(NFTA_SET_ELEM_DATA);
  const auto nest = w.nest(NFTA_DATA_VERDICT);
  w.put_be(NFTA_VERDICT_CODE, static_cast<std::int32_t>(verdict.kind));
  if (!verdict.chain.empty()) w.put_string(NFTA_VERDICT_CHAIN, verdict.chain);
}

void put_comment(Writer& w, std::string_view comment) {
  comment = comment.substr(0, kLongestComment);
  std::array<std::byte, 2 + kLongestComment + 1> userdata{};
  userdata[0] = kUserdataComment;
  userdata[1] = static_cast<std::byte>(comment.size() + 1);
  std::ranges::copy(std::as_bytes(std::span(comment)), userdata.begin() + 2);
  w.put_bytes(NFTA_SET_ELEM_USERDATA, std::span(userdata).first(2 + comment.size() + 1));
}

std::string read_comment(std::span<const std::byte> userdata) {
  while (userdata.size() >= 2) {
    const auto type = userdata[0];
    const auto length = static_cast<std::size_t>(userdata[1]);
    userdata = userdata.subspan(2);
    if (length > userdata.size()) break;
    if (type == kUserdataComment) return std::string(Attribute(0, userdata.first(length)).string());
    userdata = userdata.subspan(length);
  }
  return {};
}

NftBytes read_value(const Attribute& data) {
  NftBytes out;
  if (const auto value = data.nested().find(NFTA_DATA_VALUE)) out.raw(value->bytes());
  return out;
}

std::optional<NftVerdict> read_verdict(const Attribute& data) {
  const auto nest = data.nested().find(NFTA_DATA_VERDICT);
  if (!nest) return std::nullopt;
  NftVerdict out;
  if (const auto code = nest->nested().find(NFTA_VERDICT_CODE))
    out.kind = static_cast<NftVerdict::Kind>(code->value_be<std::int32_t>());
  if (const auto chain = nest->nested().find(NFTA_VERDICT_CHAIN)) out.chain = chain->string();
  return out;
}

std::chrono::milliseconds read_milliseconds(const Attribute& a) {
  return std::chrono::milliseconds(a.value_be<std::int64_t>());
}

Result<NftElement> read_element(const Attribute& attribute) {
  NftElement e;
  for (const Attribute& a : attribute.nested()) {
    switch (a.type()) {
      case NFTA_SET_ELEM_KEY:
        e.key = read_value(a);
        break;
      case NFTA_SET_ELEM_KEY_END:
        e.key_end = read_value(a);
        break;
      case NFTA_SET_ELEM_DATA:
        e.verdict = read_verdict(a);
        e.data = e.verdict ? NftBytes() : read_value(a);
        break;
      case NFTA_SET_ELEM_TIMEOUT:
        e.timeout = read_milliseconds(a);
        break;
      case NFTA_SET_ELEM_EXPIRATION:
        e.expires = read_milliseconds(a);
        break;
      case NFTA_SET_ELEM_USERDATA:
        e.comment = read_comment(a.bytes());
        break;
      case NFTA_SET_ELEM_FLAGS:
        if ((a.value_be<std::uint32_t>() & NFT_SET_ELEM_INTERVAL_END) != 0)
          return fail("read elements", {}, EOPNOTSUPP, "intervals are read from concatenated sets only");
        break;
      default:
        break;
    }
  }
  return e;
}

}  // namespace

void start_nft_message(Writer& w, std::uint16_t type, std::uint16_t flags, state::NftFamily family,
                       std::uint32_t sequence) {
  w.message(NFNL_SUBSYS_NFTABLES << 8 | type, flags,
            nfgenmsg{static_cast<std::uint8_t>(family), NFNETLINK_V0, htons(0)}, sequence);
}

void start_set_message(Writer& w, std::uint16_t type, std::uint16_t flags, const state::NftSet& set,
                       std::uint32_t sequence) {
  start_nft_message(w, type, flags, set.family, sequence);
  w.put_string(NFTA_SET_ELEM_LIST_TABLE, set.table);
  w.put_string(NFTA_SET_ELEM_LIST_SET, set.name);
}

void put_element(Writer& w, const NftElement& e, ElementPart part) {
  const auto nest = w.nest(NFTA_LIST_ELEM);
  put_value(w, NFTA_SET_ELEM_KEY, e.key);
  if (!e.key_end.empty()) put_value(w, NFTA_SET_ELEM_KEY_END, e.key_end);
  if (part == ElementPart::key_only) return;
  if (e.verdict)
    put_verdict(w, *e.verdict);
  else if (!e.data.empty())
    put_value(w, NFTA_SET_ELEM_DATA, e.data);
  if (e.timeout) w.put_be(NFTA_SET_ELEM_TIMEOUT, static_cast<std::int64_t>(e.timeout->count()));
  if (!e.comment.empty()) put_comment(w, e.comment);
}

Result<> read_elements(const netlink::Message& message, std::vector<NftElement>& out) {
  const auto list = message.attributes<nfgenmsg>().find(NFTA_SET_ELEM_LIST_ELEMENTS);
  if (!list) return {};
  for (const Attribute& a : list->nested()) out.push_back(TRY(read_element(a)));
  return {};
}

}  // namespace podwire::kernel
