#pragma once
#include <string>
#include <string_view>

#include "kube/codec/openapi_schemas.h"
#include "kube/schema.h"

namespace podwire::kube {

/// Whether a resource has a path of its own. Some kinds are only the bodies of others' subresources.
[[nodiscard]] bool has_own_path(const Resource& resource);

/// "/api/v1/pods":{...},...: the path items of one resource and its subresources, with every verb that
/// podwire answers and its parameters. The kinds in their bodies are asked of `schemas`.
[[nodiscard]] std::string openapi_paths(const Schema& schema, const Resource& resource,
                                        OpenApiSchemas& schemas);

}  // namespace podwire::kube
