#pragma once
#include <string>
#include <string_view>

#include "kube/rules/field_selector.h"
#include "server/auth/user.h"

namespace podwire::server {

/// What somebody wants to do. Views: valid for the call.
struct Attributes {
  const User& user;
  std::string_view verb;
  std::string_view group, resource, subresource, ns, name;
  std::string_view path;  ///< of a request that is for no resource ("/metrics"); then `resource` is empty
  const kube::FieldSelector* fields = nullptr;  ///< of a list or a watch; nullptr: all objects
};

/// Whether somebody may, and why (or why not), where there is more to say than that.
struct Decision {
  bool allowed = false;
  std::string reason;
};

/// Why not, in Kubernetes' words: `User "x" cannot list resource "pods" in API group "" in the namespace
/// "default"`, and the decision's reason where it has one.
[[nodiscard]] std::string denial(const Attributes& wanted, std::string_view reason = {});

}  // namespace podwire::server
