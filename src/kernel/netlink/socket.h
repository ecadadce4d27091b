#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernel/netlink/extack.h"
#include "kernel/netlink/reader.h"
#include "kernel/netlink/transport.h"
#include "kernel/netlink/writer.h"

namespace podwire::kernel::netlink {

/// Requests to the kernel over one netlink protocol in one namespace.
///
/// Nothing here ever waits: the kernel answers rtnetlink and nfnetlink requests before send() returns.
/// Answers that belong to an earlier request (one that was given up) are ignored by their sequence number.
/// Errors carry errno and the kernel's extended ack text in `detail`; their verb and object are for the
/// caller to fill in (see `named`), who knows what was meant. Synchronous, move-only, not thread-safe.
class Socket {
 public:
  using Visit = std::function<void(const Message&)>;

  static Result<Socket> open(int protocol, const NetNs& netns);

  /// One message, answered by an acknowledgement. With NLM_F_ECHO `each` sees what the kernel echoes, if it
  /// does (rtnetlink links: since Linux 6.2). One send, one recv for each answer.
  Result<> request(Writer& message, const Visit& each = {});

  /// One message, answered by one message (RTM_GETLINK by name). `decode` gives a value or an Error.
  template <class Decode>
  auto ask(Writer& message, Decode decode) -> std::invoke_result_t<Decode, const Message&> {
    const Message answer = TRY(ask_raw(message));
    return decode(answer);
  }

  /// One message with NLM_F_DUMP (added here); `decode` turns each answer into an optional value, nullopt
  /// leaves it out. A dump that a change interrupted (NLM_F_DUMP_INTR) is taken again, at most 8 times, then
  /// EINTR.
  template <class Decode>
  auto dump(Writer& message, Decode decode)
      -> Result<std::vector<typename std::invoke_result_t<Decode, const Message&>::value_type>> {
    std::vector<typename std::invoke_result_t<Decode, const Message&>::value_type> out;
    const auto restart = [&out] { out.clear(); };
    TRY(dump_raw(message, restart, [&](const Message& m) {
      if (auto value = decode(m)) out.push_back(std::move(*value));
    }));
    return out;
  }

  /// Many messages in one send, each numbered by next_sequence(). Collects what the kernel says about every
  /// one of them: an empty vector means that all were accepted, else the refusals in the kernel's order
  /// (nf_tables: then nothing of the batch was done). Ask for acks (NLM_F_ACK) on few messages, the last one
  /// is enough: errors come anyway, and thousands of acks overrun the receive buffer. Errors here are those
  /// of the socket itself, and EPROTO when an ack that was asked for did not come though nothing was refused.
  Result<std::vector<Verdict>> transact(const Writer& batch) {
    if (!batch.fits()) return fail("send to the kernel", "an attribute longer than 65,535 bytes", EMSGSIZE);
    return transact(batch.bytes());
  }
  Result<std::vector<Verdict>> transact(std::span<const std::byte> batch);

  /// Numbers go up by one from 1; 0 is the kernel's own (notifications).
  std::uint32_t next_sequence() { return ++sequence_ == 0 ? ++sequence_ : sequence_; }
  [[nodiscard]] Fd fd() const { return fd_.get(); }

 private:
  explicit Socket(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<std::uint32_t> send_numbered(Writer& message);
  Result<std::span<const std::byte>> receive_due();
  Result<Message> ask_raw(Writer& message);
  Result<> dump_raw(Writer& message, const std::function<void()>& restart, const Visit& each);
  Result<bool> dump_once(Writer& message, const Visit& each);

  UniqueFd fd_;
  ReceiveBuffer buffer_;
  std::uint32_t sequence_ = 0;
};

/// Names what was tried in an error that comes from a Socket: `object()` is only called when it failed.
template <class T, class Object>
Result<T> named(Result<T> result, std::string_view verb, Object object) {
  if (!result) {
    result.error().verb = verb;
    result.error().object = object();
  }
  return result;
}

}  // namespace podwire::kernel::netlink
