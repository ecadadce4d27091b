#pragma once
#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// Kubernetes' strategic merge patch: a merge patch that knows by the schema which lists are merged by a key
/// (Field::patch_key) or as sets (patch_merge_set); other lists are replaced. Knows the directives `$patch`,
/// `$retainKeys`, `$setElementOrder/LIST` and `$deleteFromPrimitiveList/LIST`. Fields that the schema does
/// not know are merged as plain JSON. 400 for a patch that is not sound.
Answer<json::object> apply_strategic_patch(const Message& message, json::object live,
                                           const json::object& patch);

}  // namespace podwire::kube
