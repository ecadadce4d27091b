#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel {

/// A frame as it crossed a device.
struct CapturedFrame {
  std::chrono::nanoseconds time{};  ///< CLOCK_REALTIME, from the kernel
  bool outgoing = false;            ///< seen on the way out of the device
  int link_index = 0;
  std::size_t original_length = 0;  ///< may be longer than bytes
  std::vector<std::byte> bytes;     ///< from the Ethernet header on
};

/// Sees every frame of one device of one namespace (AF_PACKET, both directions). Non-blocking: put fd() into
/// poll. Source: packet(7). Not thread-safe.
class Capture {
 public:
  static Result<Capture> open(const NetNs& netns, int link_index);
  [[nodiscard]] Fd fd() const { return fd_.get(); }
  /// The frames that wait now, in order: maybe none; at most 4,096, and fd() stays readable when there are
  /// more.
  Result<std::vector<CapturedFrame>> read();
  /// Frames that the kernel dropped since the last call because we did not read in time.
  Result<unsigned> dropped();

 private:
  explicit Capture(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace podwire::kernel
