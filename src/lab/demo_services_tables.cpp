#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "lab/demo_services.h"
#include "lab/interruption.h"
#include "lab/socket_address.h"

namespace podwire::lab {

Result<> look_at_the_tables(ServicesScene& scene) {
  scene.tell.say(
      "kube-proxy would have written iptables chains for it. podwire has none: here is what they would be, "
      "under the names "
      "that the talk shows, drawn from podwire's own tables.");
  const auto pods = TRY(scene.wait_for_pods(3));
  const auto view = TRY(
      scene.cluster.on("node0", {"podwire", "proxy", "show", "--as", "iptables", "svc/hello-kubernetes"}));
  scene.tell.check({.holds = view.status == 0 && names_all(view.out, pods),
                    .seen = names_all(view.out, pods) ? "the chains lead to each of the pods"
                                                      : "the chains do not lead to each of the pods",
                    .expected = "KUBE-SERVICES, a KUBE-SVC chain, and a KUBE-SEP chain for each pod",
                    .look = "podwire proxy show --as iptables (node0)"});
  scene.tell.say(
      "The real thing are elements of a few nftables maps, the same on every node: one more Service is a few "
      "elements more, "
      "however many there are.");
  for (const auto* node : {"node0", "node1", "node2"}) TRY(check_the_maps(scene, node, pods));
  return {};
}

bool names_all(std::string_view text, const std::map<std::string, DemoPod>& pods) {
  return std::ranges::all_of(pods, [&](const auto& pod) {
    return text.find(Endpoint{pod.second.address, 8080}.str()) != std::string_view::npos;
  });
}

namespace {

std::size_t endpoints_in(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(":8080"); at != std::string_view::npos; at = text.find(":8080", at + 1)) ++count;
  return count;
}

}  // namespace

Result<> wait_for_the_maps(ServicesScene& scene, const std::string& node,
                           const std::map<std::string, DemoPod>& pods) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    TRY(Interruption::check());
    const auto shown =
        TRY(scene.cluster.on_quietly(node, {"podwire", "proxy", "show", "svc/hello-kubernetes"}));
    if (names_all(shown.out, pods) && endpoints_in(shown.out) == pods.size()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return {};
}

Result<> check_the_maps(ServicesScene& scene, const std::string& node,
                        const std::map<std::string, DemoPod>& pods) {
  const auto shown = TRY(scene.cluster.on(node, {"podwire", "proxy", "show", "svc/hello-kubernetes"}));
  const auto endpoints = endpoints_in(shown.out);
  const bool all = shown.status == 0 && names_all(shown.out, pods);
  scene.tell.check({.holds = all && endpoints == pods.size(),
                    .seen = fmt::format("the kernel of {} leads {} to {} addresses{}", node,
                                        scene.cluster_ip.str(), endpoints, all ? ", those of the pods" : ""),
                    .expected = fmt::format("to the {} pods and nowhere else", pods.size()),
                    .look = fmt::format("podwire proxy show svc/{} ({})", kHello, node)});
  return {};
}

}  // namespace podwire::lab
