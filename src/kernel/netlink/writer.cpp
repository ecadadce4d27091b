#include "kernel/netlink/writer.h"

#include <cassert>
#include <cstddef>
#include <cstring>
#include <limits>

namespace podwire::kernel::netlink {
namespace {

constexpr std::size_t align(std::size_t n) { return (n + NLA_ALIGNTO - 1) & ~std::size_t{NLA_ALIGNTO - 1}; }
constexpr std::size_t kAttributeLimit = std::numeric_limits<std::uint16_t>::max();

template <class T>
void store(std::vector<std::byte>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

void Writer::message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence) {
  message_start_ = bytes_.size();
  append(nlmsghdr{.nlmsg_len = 0,
                  .nlmsg_type = type,
                  .nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST),
                  .nlmsg_seq = sequence,
                  .nlmsg_pid = 0});
}

void Writer::append_padded(std::span<const std::byte> payload) {
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  bytes_.resize(align(bytes_.size()));
  update_length();
}

void Writer::put_bytes(std::uint16_t type, std::span<const std::byte> payload) {
  const std::size_t length = sizeof(nlattr) + payload.size();
  if (length > kAttributeLimit) {
    fits_ = false;
    return;
  }
  append(nlattr{.nla_len = static_cast<std::uint16_t>(length), .nla_type = type});
  append_padded(payload);
}

void Writer::put_string(std::uint16_t type, std::string_view text) {
  const std::size_t length = sizeof(nlattr) + text.size() + 1;
  if (length > kAttributeLimit) {
    fits_ = false;
    return;
  }
  append(nlattr{.nla_len = static_cast<std::uint16_t>(length), .nla_type = type});
  const auto payload = std::as_bytes(std::span(text));
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  bytes_.push_back(std::byte{0});
  append_padded({});
}

Writer::Nest Writer::nest(std::uint16_t type) {
  const std::size_t start = bytes_.size();
  append(nlattr{.nla_len = sizeof(nlattr), .nla_type = static_cast<std::uint16_t>(type | NLA_F_NESTED)});
  return {*this, start};
}

void Writer::close(std::size_t nest_start) {
  const std::size_t length = bytes_.size() - nest_start;
  if (length > kAttributeLimit) {
    fits_ = false;
    return;
  }
  store(bytes_, nest_start + offsetof(nlattr, nla_len), static_cast<std::uint16_t>(length));
}

void Writer::update_length() {
  store(bytes_, message_start_ + offsetof(nlmsghdr, nlmsg_len),
        static_cast<std::uint32_t>(bytes_.size() - message_start_));
}

void Writer::add_flags(std::uint16_t flags) {
  assert(!bytes_.empty());
  const std::size_t at = message_start_ + offsetof(nlmsghdr, nlmsg_flags);
  std::uint16_t now = 0;
  std::memcpy(&now, bytes_.data() + at, sizeof now);
  store(bytes_, at, static_cast<std::uint16_t>(now | flags));
}

void Writer::set_sequence(std::uint32_t sequence) {
  assert(!bytes_.empty());
  store(bytes_, message_start_ + offsetof(nlmsghdr, nlmsg_seq), sequence);
}

void Writer::clear() {
  bytes_.clear();
  message_start_ = 0;
  fits_ = true;
}

}  // namespace podwire::kernel::netlink
