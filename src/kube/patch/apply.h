#pragma once
#include "kube/json.h"
#include "kube/patch/managed_fields.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// Server-side apply: `live` (nullptr: there is none yet) with the fields of `config`, and with
/// metadata.managedFields that say so. Fields that this manager applied before and leaves out now are gone,
/// unless somebody else owns them. 409 names who owns a field with another value, unless `force` takes it
/// over; the same value is owned together. kubectl also takes over, unasked, what client-side apply has set
/// and nobody changed since. 400 for a configuration that is not sound. Applied twice, nothing changes. What
/// `config` may not set (a status, where that is a subresource) is for the caller to take out before.
Answer<json::object> apply_config(const Message& message, const json::object* live,
                                  const json::object& config, const Writer& writer, bool force);

}  // namespace podwire::kube
