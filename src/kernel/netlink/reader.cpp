#include "kernel/netlink/reader.h"

#include <algorithm>

namespace podwire::kernel::netlink {

std::string_view Attribute::string() const {
  const auto nul = std::ranges::find(payload_, std::byte{0});
  return {reinterpret_cast<const char*>(payload_.data()), static_cast<std::size_t>(nul - payload_.begin())};
}

Attributes Attribute::nested() const { return Attributes(payload_); }

void Attributes::Iterator::load() {
  taken_ = 0;
  nlattr header;
  if (rest_.size() < sizeof header) return;
  std::memcpy(&header, rest_.data(), sizeof header);
  if (header.nla_len < sizeof header || header.nla_len > rest_.size()) return;
  current_ = Attribute(header.nla_type, rest_.subspan(sizeof header, header.nla_len - sizeof header));
  taken_ = std::min<std::size_t>(NLA_ALIGN(header.nla_len), rest_.size());  // the last needs no padding
}

Attributes::Iterator& Attributes::Iterator::operator++() {
  rest_ = rest_.subspan(taken_);
  load();
  return *this;
}

std::optional<Attribute> Attributes::find(std::uint16_t type) const {
  for (const Attribute& a : *this) {
    if (a.type() == type) return a;
  }
  return std::nullopt;
}

void Messages::Iterator::load() {
  taken_ = 0;
  nlmsghdr header;
  if (rest_.size() < sizeof header) return;
  std::memcpy(&header, rest_.data(), sizeof header);
  if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest_.size()) return;
  current_ = Message(header, rest_.subspan(sizeof header, header.nlmsg_len - sizeof header));
  taken_ = std::min<std::size_t>((std::size_t{header.nlmsg_len} + 3) & ~std::size_t{3}, rest_.size());
}

Messages::Iterator& Messages::Iterator::operator++() {
  rest_ = rest_.subspan(taken_);
  load();
  return *this;
}

}  // namespace podwire::kernel::netlink
