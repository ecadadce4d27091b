#pragma once
#include "cni/verbs.h"

namespace podwire::cni {

/// The `loopback` plugin that every runtime wants beside the network: lo up, its addresses as the result.
CniResult<AddResult> add_loopback(const Call& call);
CniResult<> del_loopback(const Call& call);
CniResult<> check_loopback(const Call& call);

}  // namespace podwire::cni
