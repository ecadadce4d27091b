#pragma once
#include "kube/codec/openapi_schemas.h"
#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// Reached by a path of its own; Scale, Eviction and TokenRequest are only the bodies of subresources.
[[nodiscard]] bool has_openapi_paths(const Resource& resource);

/// Puts into `paths` what can be done with a resource and its subresources; the messages that travel get into
/// `schemas`.
void put_openapi_paths(const Resource& resource, const Schema& schema, OpenApiSchemas& schemas,
                       json::object& paths);

}  // namespace podwire::kube
