#pragma once
#include "cni/verbs.h"

namespace podwire::cni {

/// CNI_NETNS, opened. Code 3 when there is no such file, 8 when it is no network namespace or is the plugin's
/// own (unless CNI_NETNS_OVERRIDE=1 allows it).
CniResult<kernel::NetNs> open_container(const Call& call, const kernel::NetNs& here);

}  // namespace podwire::cni
