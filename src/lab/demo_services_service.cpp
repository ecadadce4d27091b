#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "kube/json.h"
#include "lab/demo_services.h"
#include "lab/socket_address.h"
#include "lab/text.h"
#include "lab/web.h"

namespace podwire::lab {
namespace {

/// Three pods that are chosen at random are all seen in so many requests but for one run in ten million.
constexpr int kMostRequests = 60;

Result<std::set<std::string>> endpoints_of(const DemoCluster& cluster) {
  const auto object = TRY(cluster.get({"endpoints", kHello}));
  std::set<std::string> out;
  if (const auto* subsets = kube::array_in(object, "subsets"))
    for (const auto& subset : *subsets) {
      const auto *addresses = kube::array_in(subset.as_object(), "addresses"),
                 *ports = kube::array_in(subset.as_object(), "ports");
      if (addresses == nullptr || ports == nullptr) continue;
      for (const auto& address : *addresses)
        for (const auto& port : *ports)
          out.insert(fmt::format("{}:{}", kube::text_in(address.as_object(), "ip"),
                                 boost::json::serialize(port.as_object().at("port"))));
    }
  return out;
}

std::set<std::string> names_of(const std::map<std::string, DemoPod>& pods) {
  std::set<std::string> out;
  for (const auto& [name, pod] : pods) out.insert(name);
  return out;
}

/// Which of the pods names itself in the page.
std::string answerer(std::string_view page, const std::map<std::string, DemoPod>& pods) {
  for (const auto& [name, pod] : pods)
    if (page.find(name) != std::string_view::npos) return name;
  return {};
}

/// Of `grep hello-kubernetes`.
std::string lines_with_hello(const std::string& page) {
  std::string out;
  for (const auto& line : lines_of(page))
    if (line.find(kHello) != std::string::npos) out += line + "\n";
  return out;
}

}  // namespace

Result<> look_at_the_service(ServicesScene& scene) {
  scene.tell.say(
      fmt::format("A Service is a set of pods and a policy by which to reach them. Its address is none that "
                  "a machine has: the API "
                  "server takes it out of --service-cluster-ip-range={}.",
                  kServicePool));
  TRY(scene.cluster.must_kubectl({"get", "service", kHello}));
  const auto service = TRY(scene.cluster.get({"service", kHello}));
  scene.cluster_ip = TRY(IpAddr::parse(kube::text_in(service, "spec", "clusterIP")));
  const auto pool = TRY(Cidr::parse(kServicePool));
  scene.tell.check({.holds = pool.contains(scene.cluster_ip),
                    .seen = fmt::format("{} has the address {}", kHello, scene.cluster_ip.str()),
                    .expected = fmt::format("an address of {}", kServicePool),
                    .look = fmt::format("kubectl get service {} -o yaml", kHello)});
  TRY(scene.cluster.must_kubectl({"get", "endpoints", kHello}));
  const auto pods = TRY(scene.wait_for_pods(3));
  std::set<std::string> wanted;
  for (const auto& [name, pod] : pods) wanted.insert(Endpoint{pod.address, 8080}.str());
  const auto endpoints = TRY(endpoints_of(scene.cluster));
  scene.tell.check({.holds = endpoints == wanted,
                    .seen = "behind it stand " + listed(endpoints),
                    .expected = "the addresses of its pods, port 8080: " + listed(wanted),
                    .look = fmt::format("kubectl get endpoints {}", kHello)});
  return {};
}

Result<> ask_from_a_node(ServicesScene& scene) {
  scene.tell.say(
      "No interface has that address. Still it answers, here on node0, each time another pod at random, on "
      "whichever "
      "node it runs.");
  const auto url = fmt::format("http://{}", scene.cluster_ip.str());
  const auto pods = TRY(scene.wait_for_pods(3));
  const auto netns = TRY(scene.cluster.netns("node0"));
  std::set<std::string> answered;
  int requests = 0;
  for (; requests < kMostRequests && answered.size() < pods.size(); ++requests) {
    const auto answer = TRY(web_get(netns, {scene.cluster_ip, 80}, "/"));
    const auto name = answerer(answer.body, pods);
    if (name.empty())
      return fail("find a pod's name in", url, 0, "the page names none of the Service's pods");
    scene.tell.command("node0", fmt::format("curl -s {} | grep {}", url, kHello),
                       lines_with_hello(answer.body));
    answered.insert(name);
  }
  scene.tell.check({.holds = answered == names_of(pods),
                    .seen = fmt::format("{} requests were answered by {}", requests, listed(answered)),
                    .expected = "by each of the three pods: " + listed(names_of(pods)),
                    .look = fmt::format("curl -s {} | grep {} (node0)", url, kHello)});
  return {};
}

Result<> ask_from_a_pod(ServicesScene& scene) {
  scene.tell.say("The same in a pod. The packets of a pod meet the same tables when they reach its node.");
  const auto pods = TRY(scene.wait_for_pods(3));
  const auto& client = pods.begin()->first;
  const auto url = fmt::format("http://{}", scene.cluster_ip.str());
  std::set<std::string> answered;
  int requests = 0;
  for (; requests < kMostRequests && answered.size() < pods.size(); ++requests) {
    const auto page =
        requests == 0
            ? TRY(scene.cluster.must_kubectl({"exec", client, "--", "wget", "-q", "-O", "-", url}))
            : TRY(scene.cluster.kubectl_quietly({"exec", client, "--", "wget", "-q", "-O", "-", url}));
    const auto name = answerer(page, pods);
    if (name.empty())
      return fail("find a pod's name in", url, 0, "the page names none of the Service's pods");
    answered.insert(name);
  }
  scene.tell.check(
      {.holds = answered == names_of(pods),
       .seen = fmt::format("{} requests of pod {} were answered by {}", requests, client, listed(answered)),
       .expected = "by each of the three pods, itself among them: " + listed(names_of(pods)),
       .look = fmt::format("kubectl exec {} -- wget -q -O - {}", client, url)});
  return {};
}

}  // namespace podwire::lab
