#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "kernel/capture/capture.h"
#include "trace/packet.h"

namespace podwire::lab {

/// Reads along at one interface from the moment that it is opened. Not thread-safe.
class Tap {
 public:
  static Result<Tap> open(const kernel::NetNs& netns, const std::string& ifname);

  using Wanted = std::function<bool(const trace::Packet&)>;
  /// All frames so far, decoded, in order. Error: ENOBUFS when some were missed, so that nothing can be said.
  Result<const std::vector<trace::Packet>*> seen();
  /// How many of them are wanted.
  Result<std::size_t> count(const Wanted& wanted);
  /// The first wanted frame, waited for if need be. ETIMEDOUT: there was none.
  Result<trace::Packet> first(const Wanted& wanted,
                              std::chrono::milliseconds patience = std::chrono::seconds(2));

 private:
  Tap(kernel::Capture capture, std::string name) : capture_(std::move(capture)), name_(std::move(name)) {}
  kernel::Capture capture_;
  std::string name_;
  std::vector<trace::Packet> frames_;
};

}  // namespace podwire::lab
