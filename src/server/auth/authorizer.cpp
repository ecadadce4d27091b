#include "server/auth/authorizer.h"

namespace podwire::server {

Decision Authorizer::decide(const Attributes& wanted) const {
  auto by_node = nodes_.decide(wanted);
  if (by_node.allowed) return by_node;
  auto by_role = rbac_.decide(wanted);
  if (by_role.allowed || by_node.reason.empty()) return by_role;
  return by_node;
}

json::object Authorizer::rules_for(const User& user, std::string_view ns) const {
  auto out = rbac_.rules_for(user, ns);
  if (node_of(user)) {
    out["incomplete"] = true;
    out["evaluationError"] = "node authorizer does not support user rule resolution";
  }
  return out;
}

}  // namespace podwire::server
