#pragma once
#include "cni/attachment.h"
#include "cni/verbs.h"

namespace podwire::cni {

/// podwire-cni behind another plugin: publishes ports, masquerades and shapes for the interface that
/// prevResult names, whoever made it, and passes prevResult on as it is.
CniResult<AddResult> add_chained(const Call& call);

/// Writes the record under the network's lock.
CniResult<> record(const AttachmentStore& store, const Attachment& attachment);
/// The host's end of the container's interface; code 7 when it is no veth of ours to see.
CniResult<state::Link> host_end_of(const Call& call, const kernel::NetNs& here, kernel::Rtnl& rtnl);
/// The addresses of prevResult that are in the container.
std::vector<IpConfig> container_ips(const AddResult& prev);

}  // namespace podwire::cni
