#include "kernel/netlink/socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace podwire::kernel::netlink {
namespace {

std::unexpected<Error> failed(What what, int err, std::string_view detail = {}) {
  return fail(what.verb, what.object, err, detail);
}

void set_option(Fd fd, int option) {
  const int on = 1;
  ::setsockopt(fd.raw(), SOL_NETLINK, option, &on, sizeof on);  // an old kernel without it only says less
}

/// Numbers the messages of a buffer and adds flags to each; returns how many there are.
std::uint32_t number_messages(std::span<std::byte> bytes, std::uint32_t first, std::uint16_t flags) {
  std::uint32_t count = 0;
  while (const auto h = read_as<nlmsghdr>(bytes)) {
    nlmsghdr header = *h;
    header.nlmsg_seq = first + count++;
    header.nlmsg_flags |= flags;
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes = bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
  }
  return count;
}

}  // namespace

Error error_of(const Ack& ack, What what) {
  return {std::string(what.verb), std::string(what.object), ack.error, ack.text};
}

Result<Socket> Socket::open(const NetNs& netns, int protocol) {
  const auto entered = TRY(netns.enter());
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return fail("open netlink socket in", netns.name(), errno);
  set_option(fd.get(), NETLINK_EXT_ACK);
  set_option(fd.get(), NETLINK_CAP_ACK);
  set_option(fd.get(), NETLINK_GET_STRICT_CHK);
  return Socket(std::move(fd));
}

Result<std::uint32_t> Socket::send(Writer& request, std::uint16_t flags, What what) {
  const std::uint32_t first = sequence_ + 1;
  sequence_ += number_messages(request.bytes(), first, flags);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto bytes = request.bytes();
  for (;;) {
    const ssize_t n = ::sendto(fd_.raw(), bytes.data(), bytes.size(), 0,
                               reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
    if (n >= 0) return first;
    if (errno == EMSGSIZE || errno == ENOBUFS) {
      // A large batch: room for it in the send buffer, beyond wmem_max as we may be privileged.
      const int wanted = static_cast<int>(bytes.size() * 2);
      if (::setsockopt(fd_.raw(), SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) == 0) {
        const ssize_t again = ::sendto(fd_.raw(), bytes.data(), bytes.size(), 0,
                                       reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
        if (again >= 0) return first;
      }
    }
    if (errno != EINTR) return failed(what, errno, "send netlink request");
  }
}

Result<Bytes> Socket::receive(What what, int flags) {
  for (;;) {
    const ssize_t n = ::recv(fd_.raw(), buffer_.data(), buffer_.size(), MSG_TRUNC | flags);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(what, errno, "receive netlink answer");
    if (static_cast<std::size_t>(n) <= buffer_.size())
      return Bytes(buffer_).first(static_cast<std::size_t>(n));
    return failed(what, EMSGSIZE, "netlink answer larger than the buffer");
  }
}

Result<> Socket::execute(Writer& request, What what) {
  return query(request, what, [](const Message&) {});
}

Result<> Socket::query(Writer& request, What what, const Visitor& visit) {
  const std::uint32_t sequence = TRY(send(request, NLM_F_REQUEST | NLM_F_ACK, what));
  for (;;) {
    for (const auto& m : split_messages(TRY(receive(what)))) {
      if (m.sequence != sequence) continue;
      if (const auto ack = read_ack(m)) {
        if (ack->error != 0) return std::unexpected(error_of(*ack, what));
        return {};
      }
      visit(m);
    }
  }
}

Result<bool> Socket::dump_once(Writer& request, What what, std::vector<std::vector<std::byte>>& datagrams) {
  const std::uint32_t sequence = TRY(send(request, NLM_F_REQUEST | NLM_F_DUMP, what));
  bool interrupted = false;
  for (;;) {
    const Bytes datagram = TRY(receive(what));
    for (const auto& m : split_messages(datagram)) {
      if (m.sequence != sequence) continue;
      interrupted |= (m.flags & NLM_F_DUMP_INTR) != 0;
      if (const auto ack = read_ack(m); ack && ack->error != 0) return std::unexpected(error_of(*ack, what));
      if (m.type == NLMSG_ERROR) return !interrupted;
      if (m.type != NLMSG_DONE) continue;
      // The dump's own errno stands in the payload of DONE.
      const int err = -m.header<int>().value_or(0);
      if (err > 0) return failed(what, err);
      return !interrupted;
    }
    datagrams.emplace_back(datagram.begin(), datagram.end());
  }
}

Result<> Socket::dump(Writer& request, What what, const Visitor& visit) {
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<std::vector<std::byte>> datagrams;
    if (!TRY(dump_once(request, what, datagrams))) continue;
    for (const auto& d : datagrams)
      for (const auto& m : split_messages(d))
        if (m.sequence == sequence_) visit(m);
    return {};
  }
  return failed(what, EINTR, "the dump was interrupted by changes each time");
}

Result<std::vector<Socket::BatchError>> Socket::transact(Writer& batch, std::size_t ack_index, What what) {
  const std::uint32_t first = TRY(send(batch, NLM_F_REQUEST, what));
  const std::uint32_t last = sequence_;
  std::vector<BatchError> errors;
  bool done = false;
  while (!done) {
    for (const auto& m : split_messages(TRY(receive(what)))) {
      if (m.sequence < first || m.sequence > last) continue;
      auto ack = read_ack(m);
      if (!ack) continue;
      const std::size_t index = m.sequence - first;
      done |= index == ack_index || ack->error != 0;
      if (ack->error != 0) errors.push_back({index, std::move(*ack)});
    }
  }
  // All answers to one batch are queued before the send returns: what is left can be read without waiting.
  for (;;) {
    const auto more = receive(what, MSG_DONTWAIT);
    if (!more) break;
    for (const auto& m : split_messages(*more))
      if (auto ack = read_ack(m); ack && ack->error != 0 && m.sequence >= first && m.sequence <= last)
        errors.push_back({m.sequence - first, std::move(*ack)});
  }
  return errors;
}

}  // namespace podwire::kernel::netlink
