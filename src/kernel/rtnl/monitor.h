#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"
#include "state/address.h"
#include "state/link.h"
#include "state/neighbour.h"
#include "state/route.h"

namespace podwire::kernel {

/// Something changed in the namespace. `gone`: the object was deleted.
struct RtnlEvent {
  std::variant<state::Link, state::Address, state::Route, state::Neighbour, state::FdbEntry> object;
  bool gone = false;
};

/// Subscribes to changes of links, addresses, routes, neighbours and FDB of one namespace.
/// Non-blocking; put fd() into poll or an event loop. Not thread-safe.
class RtnlMonitor {
 public:
  static Result<RtnlMonitor> open(const NetNs& netns);
  [[nodiscard]] Fd fd() const { return fd_.get(); }
  /// All events that wait now (maybe none). ENOBUFS: the kernel dropped events, the caller must resync by
  /// dumps.
  Result<std::vector<RtnlEvent>> read();

 private:
  explicit RtnlMonitor(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace podwire::kernel
