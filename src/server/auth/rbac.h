#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/rules/label_selector.h"
#include "server/auth/policy_rule.h"

namespace podwire::server {

/// Roles and their bindings (rbac.authorization.k8s.io), kept up to date object by object. Nothing is allowed
/// but what a binding allows; only the group system:masters may do everything. A decision looks at the
/// bindings of the user and of his groups, not at all there are. One thread.
class Rbac {
 public:
  /// A Role, ClusterRole, RoleBinding or ClusterRoleBinding, new or changed, by its resource's plural.
  void put(std::string_view plural, const json::object& object);
  void erase(std::string_view plural, std::string_view ns, std::string_view name);

  [[nodiscard]] Decision decide(const Attributes& wanted) const;
  [[nodiscard]] bool allows(const Attributes& wanted) const { return decide(wanted).allowed; }

  /// Everything that a user's bindings give him in a namespace (empty: everywhere).
  [[nodiscard]] PolicyRules rules_of(const User& user, std::string_view ns) const;
  /// SelfSubjectRulesReview's status: the same, to be read.
  [[nodiscard]] json::object rules_for(const User& user, std::string_view ns) const;

  /// What a role gives: ns empty for a ClusterRole, whose rules may be those of others (aggregationRule).
  /// nullptr: there is no such role.
  [[nodiscard]] const PolicyRules* role(std::string_view ns, std::string_view name) const;
  /// The names of the ClusterRoles with an aggregationRule.
  [[nodiscard]] std::vector<std::string> aggregated() const;

 private:
  struct RoleKey {
    std::string ns, name;  ///< ns empty: a ClusterRole
    auto operator<=>(const RoleKey&) const = default;
  };
  struct Role {
    PolicyRules rules;
    kube::Labels labels;
    std::optional<std::vector<kube::LabelSelector>> aggregates;
  };
  struct Binding {
    std::vector<std::string> subjects;
    RoleKey role;
  };
  struct Grant {
    RoleKey binding;  ///< its ns: where the grant holds; empty: everywhere
    RoleKey role;
    std::string subject;  ///< as shown: User "bob"
  };
  template <class Visit>
  bool any_rule(const User& user, std::string_view ns, Visit&& visit) const;
  void put_role(const RoleKey& key, const json::object& object);
  void drop_binding(const RoleKey& key);
  void collect(const RoleKey& key, PolicyRules& out, std::vector<const Role*>& seen) const;

  std::map<RoleKey, Role> roles_;
  std::map<RoleKey, Binding> bindings_;
  std::multimap<std::string, Grant, std::less<>> grants_;  // by subject: "u:NAME", "g:GROUP"
  mutable std::map<RoleKey, PolicyRules> collected_;  // of aggregated roles; emptied by any role's change
};

[[nodiscard]] bool is_master(const User& user);

/// The roles and bindings that every cluster has: those of people (cluster-admin, admin, edit, view), of
/// everybody known (discovery, basic-user), and of the cluster's own parts.
[[nodiscard]] std::vector<json::object> bootstrap_policy();

}  // namespace podwire::server
