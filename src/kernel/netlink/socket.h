#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel::netlink {

/// Which request failed, for the Error: verb "add route", object "10.1.2.0/24 via 192.0.2.2".
struct What {
  std::string_view verb;
  std::string_view object;
};

/// A request/answer netlink socket in one namespace. Extended acks and strict checking are on.
/// Synchronous, not thread-safe. Each call is one send and as many receives as the answer needs; answers to
/// other sequence numbers (a call that was cut short) are skipped.
class Socket {
 public:
  /// `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER. The calling thread is in `netns` only while it opens.
  static Result<Socket> open(const NetNs& netns, int protocol);

  using Visitor = std::function<void(const Message&)>;

  /// Sends one request (NLM_F_ACK is added) and waits for its ack.
  Result<> execute(Writer& request, What what);
  /// The same, and shows every message that comes before the ack (NLM_F_ECHO, or the object asked for).
  Result<> query(Writer& request, What what, const Visitor& visit);
  /// Sends a dump request; takes it again (at most 8 times) when the kernel says that it was interrupted by a
  /// change, so that `visit` sees each message of one whole dump once.
  Result<> dump(Writer& request, What what, const Visitor& visit);

  /// An answer to one message of a batch.
  struct BatchError {
    std::size_t index = 0;  ///< which message of the batch, from 0
    Ack ack;
  };
  /// Sends a batch of messages in one datagram (nf_tables: one transaction, from BATCH_BEGIN to BATCH_END)
  /// and returns the errors in order. The last message but BATCH_END must carry NLM_F_ACK if no other does,
  /// or there may be no answer to wait for; `ack_index` is the message whose ack ends the wait.
  Result<std::vector<BatchError>> transact(Writer& batch, std::size_t ack_index, What what);

  [[nodiscard]] Fd fd() const { return fd_.get(); }

 private:
  explicit Socket(UniqueFd fd) : fd_(std::move(fd)), buffer_(32 << 10) {}
  Result<std::uint32_t> send(Writer& request, std::uint16_t flags, What what);
  /// One datagram, grown to fit.
  Result<Bytes> receive(What what, int flags = 0);
  Result<bool> dump_once(Writer& request, What what, std::vector<std::vector<std::byte>>& datagrams);

  UniqueFd fd_;
  std::vector<std::byte> buffer_;
  std::uint32_t sequence_ = 0;
};

/// The Error for a failed ack.
[[nodiscard]] Error error_of(const Ack& ack, What what);

}  // namespace podwire::kernel::netlink
