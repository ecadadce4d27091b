#pragma once
#include "cni/attachment.h"
#include "kernel/host.h"

namespace podwire::cni {

/// What becomes of what a network's attachments share. `keep` is for the undoing of one entry of a list
/// behind another one of the same container.
enum class Shared { with_the_last, keep };

/// Undoes in the kernel what a record says, from the host's namespace alone (the container's may be gone):
/// published ports and masquerade first so that nothing new is sent there (and what the network's attachments
/// shared, when this is its last one), then stale UDP flows, then devices. What is missing already is
/// success; goes on past errors and reports them all. The record stays: forget() comes when everything else
/// is undone.
Result<> tear_down(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                   const Attachment& attachment, Shared shared = Shared::with_the_last);

/// What the attachments of a network shared, when none of them is left. Under the store's lock.
Result<> remove_shared(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store);

/// Takes the record away, or what a kill left of one, and with the network's last record what is shared.
Result<> forget(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                const Attachment& attachment);

/// Deletes a link by name; success when there is none.
Result<> delete_link_if_there(kernel::Rtnl& rtnl, const std::string& name);

/// Flows to a published UDP port that were set up before (or outlive) its mapping would go the old way for as
/// long as the client sends: flush them.
Result<> flush_udp_flows(kernel::Conntrack& conntrack, const std::vector<PortMapping>& ports);

}  // namespace podwire::cni
