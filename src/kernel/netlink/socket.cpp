#include "kernel/netlink/socket.h"

#include <cerrno>

namespace podwire::kernel::netlink {
namespace {

std::unexpected<Error> refused(Verdict verdict) {
  return std::unexpected(Error{.verb = "netlink request",
                               .object = {},
                               .sys_errno = verdict.sys_errno,
                               .detail = std::move(verdict.detail)});
}

constexpr int kDumpAttempts = 8;

}  // namespace

Result<Socket> Socket::open(int protocol, const NetNs& netns) {
  return Socket(TRY(open_socket(protocol, netns)));
}

Result<std::uint32_t> Socket::send_numbered(Writer& message) {
  if (!message.fits()) return fail("send to the kernel", "an attribute longer than 65,535 bytes", EMSGSIZE);
  const auto sequence = next_sequence();
  message.set_sequence(sequence);
  TRY(send(fd_.get(), message.bytes()));
  return sequence;
}

Result<std::span<const std::byte>> Socket::receive_due() {
  const auto datagram = TRY(receive(fd_.get(), buffer_));
  if (!datagram) return fail("receive from the kernel", {}, EPROTO, "the kernel did not answer");
  return *datagram;
}

Result<> Socket::request(Writer& message, const Visit& each) {
  message.add_flags(NLM_F_ACK);
  const auto sequence = TRY(send_numbered(message));
  while (true) {
    const auto datagram = TRY(receive_due());
    for (const Message& m : Messages(datagram)) {
      if (m.sequence() != sequence) continue;
      if (m.type() != NLMSG_ERROR) {
        if (each) each(m);
        continue;
      }
      auto verdict = read_verdict(m, message.bytes());
      if (verdict.sys_errno != 0) return refused(std::move(verdict));
      return {};
    }
  }
}

Result<Message> Socket::ask_raw(Writer& message) {
  const auto sequence = TRY(send_numbered(message));
  while (true) {
    const auto datagram = TRY(receive_due());
    for (const Message& m : Messages(datagram)) {
      if (m.sequence() != sequence) continue;
      if (m.type() != NLMSG_ERROR) return m;
      auto verdict = read_verdict(m, message.bytes());
      if (verdict.sys_errno == 0) verdict.sys_errno = EPROTO;
      return refused(std::move(verdict));
    }
  }
}

Result<bool> Socket::dump_once(Writer& message, const Visit& each) {
  const auto sequence = TRY(send_numbered(message));
  bool interrupted = false;
  while (true) {
    const auto datagram = TRY(receive_due());
    for (const Message& m : Messages(datagram)) {
      if (m.sequence() != sequence) continue;
      if ((m.flags() & NLM_F_DUMP_INTR) != 0) interrupted = true;
      if (m.type() != NLMSG_ERROR && m.type() != NLMSG_DONE) {
        each(m);
        continue;
      }
      auto verdict = read_verdict(m, message.bytes());
      if (verdict.sys_errno != 0 && verdict.sys_errno != EINTR) return refused(std::move(verdict));
      return !interrupted && verdict.sys_errno == 0;
    }
  }
}

Result<> Socket::dump_raw(Writer& message, const std::function<void()>& restart, const Visit& each) {
  message.add_flags(NLM_F_DUMP);
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    if (TRY(dump_once(message, each))) return {};
    restart();
  }
  return refused({0, EINTR, "the kernel's tables changed during each of 8 dumps"});
}

Result<std::vector<Verdict>> Socket::transact(std::span<const std::byte> batch) {
  std::uint32_t first = 0, last = 0, acks_due = 0;
  for (const Message& m : Messages(batch)) {
    if (first == 0) first = m.sequence();
    last = m.sequence();
    if ((m.flags() & NLM_F_ACK) != 0) ++acks_due;
  }
  TRY(send(fd_.get(), batch));

  std::vector<Verdict> refusals;
  bool overrun = false;
  while (true) {  // until nothing waits: a refusal may follow the ack of another message
    const auto datagram = receive(fd_.get(), buffer_);
    if (!datagram && datagram.error().sys_errno == ENOBUFS && !overrun) {
      overrun = true;  // some answers were dropped; what is queued may still hold the first refusals
      continue;
    }
    if (!datagram) return std::unexpected(datagram.error());
    if (!*datagram) break;
    for (const Message& m : Messages(**datagram)) {
      if (m.type() != NLMSG_ERROR || m.sequence() - first > last - first) continue;
      auto verdict = read_verdict(m, batch);
      if (verdict.sys_errno != 0)
        refusals.push_back(std::move(verdict));
      else if (acks_due > 0)
        --acks_due;
    }
  }
  if (refusals.empty() && overrun) return fail("receive from the kernel", "answers to a batch", ENOBUFS);
  if (refusals.empty() && acks_due > 0)
    return fail("receive from the kernel", "answers to a batch", EPROTO, "an acknowledgement did not come");
  return refusals;
}

}  // namespace podwire::kernel::netlink
