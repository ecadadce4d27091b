#pragma once
#include "kube/json.h"

namespace podwire::kube {

/// JSON Merge Patch (RFC 7386): objects are merged member by member, null removes a member, all else
/// replaces.
void apply_merge_patch(json::value& target, const json::value& patch);

}  // namespace podwire::kube
