#pragma once
#include "kube/json.h"
#include "kube/status.h"

namespace podwire::kube {

/// JSON Patch (RFC 6902, with the pointers of RFC 6901): all operations or none. 400 for what is no patch,
/// 422 for an operation that cannot be done or a test that fails, 413 for more than 10,000 operations, or for
/// so many copies that the document would grow without bounds.
Answer<json::value> apply_json_patch(json::value target, const json::value& patch);

}  // namespace podwire::kube
