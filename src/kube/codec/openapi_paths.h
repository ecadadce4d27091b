#pragma once
#include "kube/codec/openapi_schemas.h"
#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// Puts into `paths` what can be done with a resource and its subresources; the messages that travel get into
/// `schemas`.
void put_openapi_paths(const Resource& resource, const Schema& schema, OpenApiSchemas& schemas,
                       json::object& paths);

}  // namespace podwire::kube
