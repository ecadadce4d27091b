#pragma once
#include <string>

#include "cni/attachment.h"
#include "cni/verbs.h"

namespace podwire::cni {

/// The host's device towards a container: its bridge, or its own veth's host end.
struct HostDevice {
  std::string name;
  int index = 0;
};

/// Puts a recorded attachment's elements into the table: its masquerade and its published ports, these also
/// for clients on the host's loopback addresses. UDP flows from before the mapping are flushed. Undone by
/// tear_down().
CniResult<> publish(const Call& call, const kernel::NetNs& here, kernel::Rtnl& rtnl, kernel::Sysctl& sysctl,
                    const Attachment& attachment, const HostDevice& device);

}  // namespace podwire::cni
