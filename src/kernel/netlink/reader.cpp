#include "kernel/netlink/reader.h"

#include <linux/netlink.h>

#include <algorithm>

namespace podwire::kernel::netlink {

std::string Attr::text() const {
  const auto* chars = reinterpret_cast<const char*>(payload.data());
  return {chars, strnlen(chars, payload.size())};
}

void AttrRange::Iterator::load() {
  const auto header = read_as<nlattr>(rest_);
  valid_ = header && header->nla_len >= NLA_HDRLEN && header->nla_len <= rest_.size();
  if (!valid_) return;
  current_ = {static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK),
              rest_.subspan(NLA_HDRLEN, header->nla_len - NLA_HDRLEN)};
}

AttrRange::Iterator& AttrRange::Iterator::operator++() {
  const std::size_t used = NLA_HDRLEN + current_.payload.size();
  rest_ = rest_.subspan(std::min(static_cast<std::size_t>(NLA_ALIGN(used)), rest_.size()));
  load();
  return *this;
}

std::optional<Attr> AttrRange::find(std::uint16_t type) const {
  for (const auto& a : *this)
    if (a.type == type) return a;
  return std::nullopt;
}

std::vector<Message> split_messages(Bytes rest) {
  std::vector<Message> out;
  while (const auto h = read_as<nlmsghdr>(rest)) {
    if (h->nlmsg_len < sizeof(nlmsghdr) || h->nlmsg_len > rest.size()) break;
    out.push_back({.type = h->nlmsg_type,
                   .flags = h->nlmsg_flags,
                   .sequence = h->nlmsg_seq,
                   .port = h->nlmsg_pid,
                   .payload = rest.subspan(sizeof(nlmsghdr), h->nlmsg_len - sizeof(nlmsghdr))});
    rest = rest.subspan(std::min(static_cast<std::size_t>(NLMSG_ALIGN(h->nlmsg_len)), rest.size()));
  }
  return out;
}

std::optional<Ack> read_ack(const Message& message) {
  const auto error = message.header<nlmsgerr>();
  if (message.type != NLMSG_ERROR || !error) return std::nullopt;
  Ack ack{.error = -error->error, .text = {}, .offset = 0};
  if ((message.flags & NLM_F_ACK_TLVS) == 0) return ack;
  // The request follows nlmsgerr's own header: whole, or only its header when the kernel capped it.
  std::size_t skip = sizeof(nlmsgerr);
  if ((message.flags & NLM_F_CAPPED) == 0 && error->msg.nlmsg_len >= sizeof(nlmsghdr))
    skip += NLMSG_ALIGN(error->msg.nlmsg_len - sizeof(nlmsghdr));
  if (skip > message.payload.size()) return ack;
  for (const auto& a : AttrRange(message.payload.subspan(skip))) {
    if (a.type == NLMSGERR_ATTR_MSG) ack.text = a.text();
    if (a.type == NLMSGERR_ATTR_OFFS) ack.offset = a.as<std::uint32_t>();
  }
  return ack;
}

}  // namespace podwire::kernel::netlink
