#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <string_view>

namespace podwire::server {

namespace json = boost::json;

/// What a pod's spec names beside its ServiceAccount: "secrets" and "configmaps" of its namespace (volumes,
/// environment, pull secrets), "persistentvolumeclaims".
void for_each_reference(const json::object& pod,
                        const std::function<void(std::string_view resource, std::string_view name)>& visit);

/// A pod that a node only reports: it runs without the API's doing.
[[nodiscard]] bool is_mirror(const json::object& pod);
inline constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

}  // namespace podwire::server
