#include <fmt/format.h>

#include "kube/json.h"
#include "lab/demo_services.h"
#include "lab/text.h"

namespace podwire::lab {
namespace {

// ccache 4.7 does not know #embed; where it reads __TIME__ it looks at what the preprocessor printed
// (kube/schema.cpp).
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kManifest[] = {
#embed "../../examples/hello-kubernetes.yaml"
};
#pragma clang diagnostic pop

/// The podCIDR of each node.
Result<std::map<std::string, Cidr>> pod_cidrs_of(const DemoCluster& cluster) {
  const auto list = TRY(cluster.get({"nodes"}));
  std::map<std::string, Cidr> out;
  if (const auto* items = kube::array_in(list, "items"))
    for (const auto& node : *items)
      if (const auto cidr = Cidr::parse(kube::text_in(node.as_object(), "spec", "podCIDR")))
        out[std::string(kube::text_in(node.as_object(), "metadata", "name"))] = *cidr;
  return out;
}

Result<> check_address(ServicesScene& scene, const DemoPod& pod, const std::map<std::string, Cidr>& subnets) {
  const auto subnet = subnets.find(pod.node);
  const auto shown = TRY(scene.cluster.kubectl({"exec", pod.name, "--", "ip", "-o", "addr", "show", "eth0"}));
  const bool inside = subnet != subnets.end() && subnet->second.contains(pod.address);
  const bool own = shown.out.find(" " + pod.address.str() + "/") != std::string::npos;
  scene.tell.check(
      {.holds = inside && own,
       .seen = fmt::format("{} on {}: {}{}; its eth0 {}", pod.name, pod.node, pod.address.str(),
                           subnet == subnets.end()
                               ? ""
                               : fmt::format(", {} {}", inside ? "in" : "not in", subnet->second.str()),
                           own ? "has the same" : "has another address"),
       .expected = "an address of its node's subnet, on the eth0 of a namespace of its own",
       .look = fmt::format("kubectl exec {} -- ip addr", pod.name)});
  return {};
}

}  // namespace

Result<> start_the_application(ServicesScene& scene) {
  scene.tell.say(
      "The talk's application: a Deployment of three pods and a Service. The scheduler spreads the pods over "
      "the nodes; "
      "on each node the agent makes a network namespace and has podwire-cni give it an address out of the "
      "node's subnet.");
  const std::string manifest(kManifest, sizeof kManifest);
  scene.tell.show(manifest);
  TRY(scene.cluster.must_kubectl({"apply", "-f", "-"}, manifest));
  TRY(scene.cluster.must_kubectl({"rollout", "status", "deployment", kHello, "--timeout", "60s"}));
  const auto pods = TRY(scene.wait_for_pods(3));
  TRY(scene.cluster.must_kubectl({"get", "pods", "-o", "wide"}));
  const auto subnets = TRY(pod_cidrs_of(scene.cluster));
  std::set<std::string> nodes;
  for (const auto& [name, pod] : pods) {
    nodes.insert(pod.node);
    TRY(check_address(scene, pod, subnets));
  }
  scene.tell.check({.holds = nodes.size() == 3,
                    .seen = "the pods run on " + listed(nodes),
                    .expected = "one on each of three nodes",
                    .look = "kubectl get pods -o wide"});
  return {};
}

}  // namespace podwire::lab
