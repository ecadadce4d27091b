#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "server/auth/attributes.h"

namespace podwire::server {

namespace json = boost::json;

/// One rule of a Role or ClusterRole: verbs on resources, or on paths that are no resources.
struct PolicyRule {
  std::vector<std::string> verbs, groups, resources, names, paths;

  [[nodiscard]] bool allows(const Attributes& wanted) const;
  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};
using PolicyRules = std::vector<PolicyRule>;

/// Of a Role or a ClusterRole; none where there are none.
[[nodiscard]] PolicyRules rules_in(const json::object& role);
[[nodiscard]] json::object to_json(const PolicyRule& rule);

/// What of `wanted` the holder of `held` does not have: rules of one verb on one thing each. Empty: all of it
/// is held (k8s.io/kubernetes' rbac/validation).
[[nodiscard]] PolicyRules uncovered(const PolicyRules& held, const PolicyRules& wanted);

/// For refusals, as kube-apiserver writes them: a line a rule, those of one resource in one, sorted.
[[nodiscard]] std::string described(const PolicyRules& rules);

}  // namespace podwire::server
