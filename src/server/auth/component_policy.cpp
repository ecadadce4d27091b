#include "server/auth/policy_objects.h"

namespace podwire::server {
namespace {

using namespace policy;

// In the server's process all controllers, and the scheduler, are this one user.
constexpr std::string_view kControllers = "system:kube-controller-manager";

json::object events() { return rule({"", "events.k8s.io"}, {"events"}, kTell); }

/// What kubelets may by upstream's policy, as far as the kinds are here. Nobody is bound to it: a node is
/// allowed the same by NodeAuthorizer, and there only what concerns its own pods.
json::object node() {
  return role(
      "system:node",
      {rule({"authentication.k8s.io"}, {"tokenreviews"}, {"create"}),
       rule({"authorization.k8s.io"}, {"localsubjectaccessreviews", "subjectaccessreviews"}, {"create"}),
       rule({""}, {"services"}, kRead), rule({""}, {"nodes"}, {"create", "get", "list", "watch"}),
       rule({""}, {"nodes", "nodes/status"}, {"patch", "update"}), events(), rule({""}, {"pods"}, kRead),
       rule({""}, {"pods"}, {"create", "delete"}), rule({""}, {"pods/status"}, {"patch", "update"}),
       rule({""}, {"pods/eviction"}, {"create"}), rule({""}, {"configmaps", "secrets"}, kRead),
       rule({""}, {"serviceaccounts"}, {"get"}), rule({""}, {"serviceaccounts/token"}, {"create"}),
       rule({"coordination.k8s.io"}, {"leases"}, {"create", "delete", "get", "patch", "update"})});
}

json::object node_proxier() {
  return role("system:node-proxier",
              {rule({""}, {"endpoints", "services"}, {"list", "watch"}), rule({""}, {"nodes"}, kRead),
               events(), rule({"discovery.k8s.io"}, {"endpointslices"}, {"list", "watch"}),
               rule({"networking.k8s.io"}, {"servicecidrs"}, {"list", "watch"})});
}

/// podwire's agent is kubelet, service proxy and CNI agent in one, under the node's own name: what the latter
/// two must see is of the whole cluster.
json::object agent() {
  return role("podwire:agent",
              {rule({""}, {"endpoints", "namespaces", "nodes", "pods", "services"}, kRead),
               rule({"discovery.k8s.io"}, {"endpointslices"}, kRead),
               rule({"networking.k8s.io"}, {"networkpolicies", "servicecidrs"}, kRead),
               rule({"podwire.io"}, {"addressblocks"}, {"create", "delete", "get", "list", "watch"})});
}

json::object scheduler() {
  return role(
      "system:kube-scheduler",
      {events(), rule({"coordination.k8s.io"}, {"leases"}, {"create", "get", "list", "update", "watch"}),
       rule({""}, {"nodes"}, kRead), rule({""}, {"pods"}, {"delete", "get", "list", "watch"}),
       rule({""}, {"bindings", "pods/binding"}, {"create"}), rule({""}, {"pods/status"}, {"patch", "update"}),
       rule({""}, {"namespaces", "services"}, kRead), rule({"apps"}, {"replicasets"}, kRead)});
}

/// What all controllers need: to see, and to say what they did.
json::object controller_manager() {
  return role(
      "system:kube-controller-manager",
      {events(), rule({"coordination.k8s.io"}, {"leases"}, {"create", "get", "list", "update", "watch"}),
       rule({"*"}, {"*"}, {"list", "watch"})});
}

struct Controller {
  std::string_view name;
  json::object role;
};

std::vector<Controller> controllers() {
  const auto named = [](std::string_view name, std::string_view role_name,
                        std::initializer_list<json::object> rules) {
    return Controller{name, role(role_name, rules)};
  };
  return {
      named("deployment-controller", "system:controller:deployment-controller",
            {rule({"apps"}, {"deployments"}, {"get", "list", "patch", "update", "watch"}),
             rule({"apps"}, {"deployments/finalizers"}, {"update"}),
             rule({"apps"}, {"deployments/status"}, {"patch", "update"}),
             rule({"apps"}, {"replicasets"}, {"create", "delete", "get", "list", "patch", "update", "watch"}),
             rule({""}, {"pods"}, {"get", "list", "patch", "update", "watch"}), events()}),
      named("replicaset-controller", "system:controller:replicaset-controller",
            {rule({"apps"}, {"replicasets"}, {"get", "list", "update", "watch"}),
             rule({"apps"}, {"replicasets/finalizers"}, {"update"}),
             rule({"apps"}, {"replicasets/status"}, {"patch", "update"}),
             rule({""}, {"pods"}, {"create", "delete", "list", "patch", "watch"}), events()}),
      named("daemon-set-controller", "system:controller:daemon-set-controller",
            {rule({"apps"}, {"daemonsets"}, kRead), rule({"apps"}, {"daemonsets/finalizers"}, {"update"}),
             rule({"apps"}, {"daemonsets/status"}, {"patch", "update"}),
             rule({""}, {"nodes"}, {"list", "watch"}), rule({""}, {"pods/binding"}, {"create"}),
             rule({""}, {"pods"}, {"create", "delete", "list", "patch", "watch"}), events()}),
      named("endpoint-controller", "system:controller:endpoint-controller",
            {rule({""}, {"pods", "services"}, kRead),
             rule({""}, {"endpoints"}, {"create", "delete", "get", "list", "patch", "update", "watch"}),
             events()}),
      named(
          "endpointslice-controller", "system:controller:endpointslice-controller",
          {rule({""}, {"nodes", "pods", "services"}, kRead), rule({""}, {"services/finalizers"}, {"update"}),
           rule({"discovery.k8s.io"}, {"endpointslices"},
                {"create", "delete", "get", "list", "patch", "update", "watch"}),
           events()}),
      named("node-controller", "system:controller:node-controller",
            {rule({""}, {"nodes"}, {"delete", "get", "list", "patch", "update", "watch"}),
             rule({""}, {"nodes/status", "pods/status"}, {"patch", "update"}),
             rule({""}, {"pods"}, {"delete", "get", "list", "watch"}),
             rule({"coordination.k8s.io"}, {"leases"}, kRead), events()}),
      named("namespace-controller", "system:controller:namespace-controller",
            {rule({""}, {"namespaces"}, {"delete", "get", "list", "watch"}),
             rule({""}, {"namespaces/finalize", "namespaces/status"}, {"patch", "update"}),
             rule({"*"}, {"*"}, {"delete", "deletecollection", "get", "list"})}),
      named("generic-garbage-collector", "system:controller:generic-garbage-collector",
            {rule({"*"}, {"*"}, {"delete", "get", "list", "patch", "update", "watch"}), events()}),
      named("service-cidrs-controller", "system:controller:service-cidrs-controller",
            {rule({"networking.k8s.io"}, {"servicecidrs"}, {"get", "list", "patch", "update", "watch"}),
             rule({"networking.k8s.io"}, {"servicecidrs/finalizers", "servicecidrs/status"},
                  {"patch", "update"}),
             rule({"networking.k8s.io"}, {"ipaddresses"}, kRead), events()}),
  };
}

}  // namespace

std::vector<json::object> component_policy() {
  using enum Whom::Kind;
  std::vector<json::object> out{
      node(),
      node_proxier(),
      binding("system:node-proxier", "system:node-proxier", {{user, "system:kube-proxy"}}),
      agent(),
      binding("podwire:agent", "podwire:agent", {{group, "system:nodes"}}),
      scheduler(),
      binding("system:kube-scheduler", "system:kube-scheduler",
              {{user, "system:kube-scheduler"}, {user, kControllers}}),
      controller_manager(),
      binding("system:kube-controller-manager", "system:kube-controller-manager", {{user, kControllers}}),
  };
  for (auto& [name, role] : controllers()) {
    const std::string role_name(role.at("metadata").at("name").as_string());
    out.push_back(std::move(role));
    out.push_back(binding(role_name, role_name, {{kube_system_account, name}, {user, kControllers}}));
  }
  return out;
}

}  // namespace podwire::server
