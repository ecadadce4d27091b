#include <fmt/format.h>

#include <algorithm>

#include "kernel/host.h"
#include "kube/json.h"
#include "lab/demo_services.h"

namespace podwire::lab {
namespace {

struct NodeFacts {
  std::string name;
  IpAddr address;
  std::vector<Cidr> pod_cidrs;
  bool ready = false;
};

Result<std::vector<NodeFacts>> nodes_of(const DemoCluster& cluster) {
  const auto list = TRY(cluster.get({"nodes"}));
  std::vector<NodeFacts> out;
  if (const auto* items = kube::array_in(list, "items"))
    for (const auto& item : *items) {
      const auto& node = item.as_object();
      auto& facts = out.emplace_back();
      facts.name = kube::text_in(node, "metadata", "name");
      if (const auto* addresses = kube::array_in(node, "status", "addresses"))
        for (const auto& address : *addresses)
          if (kube::text_in(address.as_object(), "type") == "InternalIP")
            facts.address = IpAddr::parse(kube::text_in(address.as_object(), "address")).value_or(IpAddr());
      if (const auto* cidrs = kube::array_in(node, "spec", "podCIDRs"))
        for (const auto& cidr : *cidrs)
          if (const auto parsed = Cidr::parse(std::string_view(cidr.as_string())))
            facts.pod_cidrs.push_back(*parsed);
      if (const auto* conditions = kube::array_in(node, "status", "conditions"))
        for (const auto& condition : *conditions)
          if (kube::text_in(condition.as_object(), "type") == "Ready")
            facts.ready = kube::text_in(condition.as_object(), "status") == "True";
    }
  return out;
}

/// The addresses of a node's eth0, as its kernel has them.
Result<std::vector<Cidr>> addresses_of_eth0(const DemoCluster& cluster, const std::string& node) {
  const auto rtnl = TRY(kernel::real_host().rtnl(TRY(cluster.netns(node))));
  const auto link = TRY(rtnl->link("eth0"));
  std::vector<Cidr> out;
  for (const auto& address : TRY(rtnl->addresses()))
    if (address.link_index == link.index) out.push_back(address.cidr);
  return out;
}

}  // namespace

Result<> look_at_the_nodes(ServicesScene& scene) {
  scene.tell.say(
      "Three machines, one wire. The first runs the API server; all run podwire's agent. Their addresses "
      "come from "
      "whoever owns the wire (a cloud, a DHCP server; here the lab): Kubernetes only writes them down.");
  TRY(scene.cluster.must_kubectl({"get", "nodes", "-o", "wide"}));
  const auto nodes = TRY(nodes_of(scene.cluster));
  for (const auto& node : nodes) {
    const auto on_eth0 = TRY(addresses_of_eth0(scene.cluster, node.name));
    const auto same = std::ranges::any_of(on_eth0, [&](const Cidr& c) { return c.addr() == node.address; });
    scene.tell.check({.holds = node.ready && same,
                      .seen = fmt::format("{} is {}; the API says {}, its eth0 {}", node.name,
                                          node.ready ? "Ready" : "not Ready", node.address.str(),
                                          same ? "has the same" : "has another address"),
                      .expected = "Ready, and the address of eth0",
                      .look = fmt::format("ip addr show eth0 ({})", node.name)});
  }
  return {};
}

Result<> look_at_the_pod_cidrs(ServicesScene& scene) {
  scene.tell.say(
      fmt::format("The most basic set-up: a separate subnet for each node, out of --cluster-cidr={}. A "
                  "controller hands them out. "
                  "The other nodes get a route there, by way of the node's own address.",
                  kPodPool));
  TRY(scene.cluster.must_kubectl(
      {"get", "nodes", "-o", "custom-columns=NODE:.metadata.name,PODCIDR:.spec.podCIDR"}));
  const auto nodes = TRY(nodes_of(scene.cluster));
  const auto pool = TRY(Cidr::parse(kPodPool));
  std::set<std::string> seen;
  bool inside = true;
  for (const auto& node : nodes) {
    inside = inside && node.pod_cidrs.size() == 1 && pool.contains(node.pod_cidrs[0].first());
    for (const auto& cidr : node.pod_cidrs) seen.insert(cidr.str());
  }
  scene.tell.check({.holds = inside && seen.size() == nodes.size(),
                    .seen = fmt::format("{} nodes have {}", nodes.size(), listed(seen)),
                    .expected = fmt::format("one subnet of {} each, no two the same", kPodPool),
                    .look = "kubectl get nodes -o yaml"});
  TRY(scene.cluster.on("node0", {"ip", "route"}));
  const auto rtnl = TRY(kernel::real_host().rtnl(TRY(scene.cluster.netns("node0"))));
  const auto routes = TRY(rtnl->routes());
  for (const auto& node : nodes) {
    if (node.name == "node0" || node.pod_cidrs.empty()) continue;
    const auto route =
        std::ranges::find_if(routes, [&](const state::Route& r) { return r.dst == node.pod_cidrs[0]; });
    const bool there = route != routes.end() && route->gateway == node.address;
    scene.tell.check(
        {.holds = there,
         .seen = route == routes.end()
                     ? fmt::format("node0 has no route to {}", node.pod_cidrs[0].str())
                     : fmt::format("node0 sends what is for {} to {}, which is {}", node.pod_cidrs[0].str(),
                                   route->gateway ? route->gateway->str() : "its own link", node.name),
         .expected = fmt::format("{} by way of {}", node.pod_cidrs[0].str(), node.address.str()),
         .look = "ip route (node0)"});
  }
  return {};
}

}  // namespace podwire::lab
