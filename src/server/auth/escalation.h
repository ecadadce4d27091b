#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "kube/status.h"
#include "server/auth/rbac.h"

namespace podwire::server {

/// A write to one of the resources of rbac.authorization.k8s.io.
struct RbacWrite {
  const User& user;
  std::string_view plural;  ///< "roles", "clusterroles", "rolebindings", "clusterrolebindings"
  std::string_view ns, name;
  const json::object* old;  ///< nullptr: it is new
  const json::object& object;
};

/// Nobody gives away more than he has: who writes a role, or binds one, must hold each of its rules there,
/// unless he may "escalate" roles, or "bind" that one. What does not change is not looked at. 403 in
/// Kubernetes' words, with the rules that are missing; 404 for a binding of a role that is not there.
[[nodiscard]] kube::Answer<> check_escalation(const Rbac& rbac, const RbacWrite& write);

}  // namespace podwire::server
