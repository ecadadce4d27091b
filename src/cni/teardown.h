#pragma once
#include "cni/attachment.h"
#include "kernel/host.h"

namespace podwire::cni {

/// Undoes in the kernel what a record says, from the host's namespace alone (the container's may be gone):
/// published ports and masquerade first so that nothing new is sent there, then stale UDP flows, then
/// devices. What is missing already is success; goes on past errors and reports them all.
Result<> tear_down(kernel::Host& host, const kernel::NetNs& here, const Attachment& attachment);

/// Takes the record away, and before it, when it is the network's last one, what its attachments shared.
Result<> forget(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                const Attachment& attachment);

/// Deletes a link by name; success when there is none.
Result<> delete_link_if_there(kernel::Rtnl& rtnl, const std::string& name);

/// Flows to a published UDP port that were set up before (or outlive) its mapping would go the old way for as
/// long as the client sends: flush them.
Result<> flush_udp_flows(kernel::Host& host, const kernel::NetNs& here,
                         const std::vector<PortMapping>& ports);

}  // namespace podwire::cni
