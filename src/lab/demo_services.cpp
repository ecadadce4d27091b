#include "lab/demo_services.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <thread>

#include "kube/json.h"
#include "lab/interruption.h"

namespace podwire::lab {
namespace {

constexpr int kNodes = 3;

bool is_ready(const kube::json::object& pod) {
  if (const auto* conditions = kube::array_in(pod, "status", "conditions"))
    for (const auto& condition : *conditions)
      if (condition.is_object() && kube::text_in(condition.get_object(), "type") == "Ready")
        return kube::text_in(condition.get_object(), "status") == "True";
  return false;
}

}  // namespace

Result<ServicesScene> ServicesScene::set(Narrator& tell, const std::string& podwire) {
  return ServicesScene{.tell = tell, .cluster = TRY(DemoCluster::up(tell, podwire, kNodes))};
}

Result<std::map<std::string, DemoPod>> ServicesScene::pods() const {
  const auto list = TRY(cluster.get({"pods", "-l", fmt::format("app={}", kHello)}));
  std::map<std::string, DemoPod> out;
  const auto* items = kube::array_in(list, "items");
  if (items == nullptr) return out;
  for (const auto& item : *items) {
    const auto* pod = item.if_object();
    if (pod == nullptr || kube::in(*pod, "metadata", "deletionTimestamp") != nullptr) continue;
    const std::string name(kube::text_in(*pod, "metadata", "name"));
    const auto address = IpAddr::parse(kube::text_in(*pod, "status", "podIP"));
    out[name] = {.name = name,
                 .node = std::string(kube::text_in(*pod, "spec", "nodeName")),
                 .address = address.value_or(IpAddr()),
                 .ready = address.has_value() && is_ready(*pod)};
  }
  return out;
}

Result<std::map<std::string, DemoPod>> ServicesScene::wait_for_pods(std::size_t count) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (true) {
    TRY(Interruption::check());
    auto seen = TRY(pods());
    if (seen.size() == count && std::ranges::all_of(seen, [](const auto& pod) { return pod.second.ready; }))
      return seen;
    if (std::chrono::steady_clock::now() > until)
      return fail("wait for pods", kHello, ETIMEDOUT,
                  fmt::format("{} pods of {} are there, not all ready, after a minute", seen.size(), count));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::string listed(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::span<const Step<ServicesScene>> services_steps() {
  static constexpr Step<ServicesScene> kSteps[] = {
      {"nodes", "Node addresses: given by others", look_at_the_nodes},
      {"pod-cidrs", "A subnet of the pod pool for each node", look_at_the_pod_cidrs},
      {"pods", "Pod addresses: the application starts", start_the_application},
      {"service", "A Service address, and what stands behind it", look_at_the_service},
      {"ask-node", "The address answers on a node", ask_from_a_node},
      {"ask-pod", "The address answers in a pod", ask_from_a_pod},
      {"tables", "How the address is made real", look_at_the_tables},
      {"scale", "Ten pods, and three again", scale_the_application},
      {"backend", "A pod goes away, requests go on", lose_a_backend},
  };
  return kSteps;
}

}  // namespace podwire::lab
