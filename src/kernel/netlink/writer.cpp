#include "kernel/netlink/writer.h"

#include <linux/netlink.h>

namespace podwire::kernel::netlink {

void Writer::append(const void* data, std::size_t size) {
  const auto* from = static_cast<const std::byte*>(data);
  buffer_.insert(buffer_.end(), from, from + size);
  buffer_.resize(NLMSG_ALIGN(buffer_.size()));
}

std::size_t Writer::begin_message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence) {
  message_ = buffer_.size();
  const nlmsghdr header{
      .nlmsg_len = 0, .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = sequence, .nlmsg_pid = 0};
  append(&header, sizeof header);
  return message_;
}

void Writer::end_message() {
  const auto length = static_cast<std::uint32_t>(buffer_.size() - message_);
  std::memcpy(buffer_.data() + message_ + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
}

void Writer::attr(std::uint16_t type, std::span<const std::byte> payload) {
  const nlattr header{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + payload.size()), .nla_type = type};
  append(&header, sizeof header);
  append(payload.data(), payload.size());
}

void Writer::attr_string(std::uint16_t type, std::string_view text) {
  std::vector<std::byte> z(text.size() + 1);
  std::memcpy(z.data(), text.data(), text.size());
  attr(type, z);
}

Writer::Nested Writer::nested(std::uint16_t type, bool flag_nested) {
  const std::size_t at = buffer_.size();
  attr(flag_nested ? type | NLA_F_NESTED : type, std::span<const std::byte>{});
  return {*this, at};
}

void Writer::close_attr(std::size_t at) {
  const auto length = static_cast<std::uint16_t>(buffer_.size() - at);
  std::memcpy(buffer_.data() + at, &length, sizeof length);
}

}  // namespace podwire::kernel::netlink
