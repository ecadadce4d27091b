#pragma once
#include <cstddef>
#include <vector>

#include "base/result.h"
#include "state/flow.h"

namespace podwire::kernel {

/// Connection tracking of ONE network namespace over ctnetlink. Synchronous, not thread-safe.
/// Source: linux/netfilter/nfnetlink_conntrack.h.
class Conntrack {
 public:
  virtual ~Conntrack() = default;
  /// All flows that match. Costs a walk of the whole table (the kernel filters by family, protocol, original
  /// destination port and mark, so that only such flows are copied).
  virtual Result<std::vector<state::Flow>> flows(const state::FlowFilter& filter = {}) = 0;
  /// Deletes all flows that match; a flow that ends meanwhile is no error. Returns how many were deleted.
  virtual Result<std::size_t> remove(const state::FlowFilter& filter) = 0;
};

}  // namespace podwire::kernel
