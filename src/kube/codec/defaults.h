#pragma once
#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// Fills in the constant defaults of fields that are absent, in every object that is there: a Service's port
/// gets its protocol, but a Pod without probes gets none.
void apply_constant_defaults(const Message& message, json::object& object);

}  // namespace podwire::kube
