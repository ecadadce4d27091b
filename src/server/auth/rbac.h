#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/user.h"

namespace podwire::server {

namespace json = boost::json;

/// What somebody wants to do. Views: valid for the call.
struct Attributes {
  const User& user;
  std::string_view verb;
  std::string_view group, resource, subresource, ns, name;
  std::string_view path;  ///< of a request that is for no resource ("/metrics"); then `resource` is empty
};

/// Roles and their bindings (rbac.authorization.k8s.io), kept up to date object by object. Nothing is allowed
/// but what a binding allows; only the group system:masters may do everything. A decision looks at the
/// bindings of the user and of his groups, not at all there are. One thread.
class Rbac {
 public:
  /// A Role, ClusterRole, RoleBinding or ClusterRoleBinding, new or changed, by its resource's plural.
  void put(std::string_view plural, const json::object& object);
  void erase(std::string_view plural, std::string_view ns, std::string_view name);

  [[nodiscard]] bool allows(const Attributes& wanted) const;
  /// SelfSubjectRulesReview's status: all that a user may do in a namespace.
  [[nodiscard]] json::object rules_for(const User& user, std::string_view ns) const;

 private:
  struct Rule {
    std::vector<std::string> verbs, groups, resources, names, paths;
    [[nodiscard]] bool allows(const Attributes& wanted) const;
  };
  struct RoleKey {
    std::string ns, name;  ///< ns empty: a ClusterRole
    auto operator<=>(const RoleKey&) const = default;
  };
  struct Binding {
    std::vector<std::string> subjects;
    RoleKey role;
  };
  struct Grant {
    RoleKey binding;  ///< its ns: where the grant holds; empty: everywhere
    RoleKey role;
  };
  template <class Visit>
  bool any_rule(const User& user, std::string_view ns, Visit&& visit) const;
  void drop_binding(const RoleKey& key);

  std::map<RoleKey, std::vector<Rule>> roles_;
  std::map<RoleKey, Binding> bindings_;
  std::multimap<std::string, Grant, std::less<>> grants_;  // by subject: "u:NAME", "g:GROUP"
};

/// Why not, in Kubernetes' words: `User "x" cannot list resource "pods" in API group "" in the namespace
/// "default"`.
[[nodiscard]] std::string denial(const Attributes& wanted);

/// The roles and bindings that every cluster has: cluster-admin, admin, edit, view, discovery and basic
/// rights of all.
[[nodiscard]] std::vector<json::object> bootstrap_policy();

}  // namespace podwire::server
