#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <string_view>
#include <vector>

/// The pieces that the roles and bindings of the first moment are written with.
namespace podwire::server::policy {

namespace json = boost::json;
using Names = std::initializer_list<std::string_view>;

[[nodiscard]] json::object rule(Names groups, Names resources, Names verbs);
[[nodiscard]] json::object paths(Names urls, Names verbs);
[[nodiscard]] json::object role(std::string_view name, std::initializer_list<json::object> rules);
/// Whatever other ClusterRoles with the label rbac.authorization.k8s.io/aggregate-to-WHAT give.
[[nodiscard]] json::object sum_role(std::string_view name, std::string_view what);
/// Makes a role part of sum_role(..., what).
[[nodiscard]] json::object part_of(std::string_view what, json::object role);

struct Whom {
  enum class Kind { user, group, kube_system_account } kind;
  std::string_view name;
};
[[nodiscard]] json::object binding(std::string_view name, std::string_view role_name,
                                   std::initializer_list<Whom> subjects);

// What verbs usually go together.
inline constexpr Names kRead{"get", "list", "watch"};
inline constexpr Names kChange{"create", "delete", "deletecollection", "patch", "update"};
inline constexpr Names kAll{"create", "delete", "deletecollection", "get",
                            "list",   "patch",  "update",           "watch"};
inline constexpr Names kTell{"create", "patch", "update"};  ///< Events

}  // namespace podwire::server::policy

namespace podwire::server {

/// The roles of the cluster's own parts: nodes, the scheduler, the controllers.
[[nodiscard]] std::vector<boost::json::object> component_policy();

}  // namespace podwire::server
