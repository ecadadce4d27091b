#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "docker/site.h"

namespace podwire::docker {

/// A namespace that podwire has pinned.
struct PinnedNetns {
  std::string name, path;
  std::uint64_t inode = 0;
  std::string purpose;  ///< "bridges and published ports" or "container NAME"
};

Result<std::vector<PinnedNetns>> pinned_namespaces(const Roots& roots);

/// Runs a command on our own streams in a network namespace, with /sys showing that namespace's devices
/// (brctl and others read them there), as `ip netns exec` does. Its exit status, or 126 and 127 as a shell.
Result<int> run_in_netns(const kernel::NetNs& netns, const std::vector<std::string>& command);

/// Removes podwire's own namespace and with it its bridges. Error: EBUSY when containers are there and force
/// is false; with force they are removed first.
Result<> remove_netns(const Roots& roots, const std::string& name, bool force);

}  // namespace podwire::docker
