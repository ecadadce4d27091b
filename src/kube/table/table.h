#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <string_view>

#include "kube/json.h"

/// Server-side Tables (meta/v1 Table): what `kubectl get` prints. Only the columns and the cells are made
/// here; rows, their objects and the Table itself are the server's. Pure: `now` is what ages count to.
/// Resources are called as everywhere: "pods", "deployments.apps".
namespace podwire::kube {

/// The columnDefinitions of a resource's Table: {name, type, format, description, priority} each. Priority
/// 1: only shown by `-o wide` (clients choose; the cells are always all there).
[[nodiscard]] json::array columns_of(std::string_view resource);

/// One row's cells, as many as there are columns. Any object of that resource, whatever is missing from it.
[[nodiscard]] json::array cells_of(std::string_view resource, const json::object& object,
                                   std::chrono::sys_seconds now);

}  // namespace podwire::kube
