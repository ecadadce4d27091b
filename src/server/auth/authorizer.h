#pragma once
#include "server/auth/node_authorizer.h"
#include "server/auth/rbac.h"

namespace podwire::server {

/// Who may do what: allowed is what the Node authorizer or RBAC allows. What either refers to must outlive
/// it.
class Authorizer {
 public:
  Authorizer(const NodeAuthorizer& nodes, const Rbac& rbac) : nodes_(nodes), rbac_(rbac) {}

  [[nodiscard]] Decision decide(const Attributes& wanted) const;
  /// SelfSubjectRulesReview's status. What a node may is not a list of rules: it says that it is incomplete.
  [[nodiscard]] json::object rules_for(const User& user, std::string_view ns) const;
  [[nodiscard]] const Rbac& rbac() const { return rbac_; }

 private:
  const NodeAuthorizer& nodes_;
  const Rbac& rbac_;
};

}  // namespace podwire::server
