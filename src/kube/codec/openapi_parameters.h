#pragma once
#include <initializer_list>
#include <string_view>

#include "kube/json.h"

namespace podwire::kube {

/// The query parameters that operations of one sort take.
enum class QueryParameters : std::uint8_t {
  none,
  write,
  patch,
  remove,
  list,
  remove_collection,
  log,
  exec,
  attach,
  port_forward,
};

/// As an OpenAPI operation lists them. kubectl sends fieldValidation only where it is listed.
[[nodiscard]] json::array openapi_query(QueryParameters of);
/// The parts of a path that stand in braces: {namespace}, {name}.
[[nodiscard]] json::array openapi_path_parameters(std::string_view path);

}  // namespace podwire::kube
