#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string_view>

namespace podwire::server {

/// An object as it is now: resources as in storage ("pods", "roles.rbac.authorization.k8s.io"), ns empty for
/// cluster-wide ones. nullopt: there is none.
using Lookup = std::function<std::optional<boost::json::object>(std::string_view resource,
                                                                std::string_view ns, std::string_view name)>;

}  // namespace podwire::server
