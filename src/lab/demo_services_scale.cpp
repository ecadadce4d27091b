#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "lab/demo_services.h"
#include "lab/interruption.h"
#include "lab/socket_address.h"
#include "lab/web.h"

namespace podwire::lab {
namespace {

constexpr int kRequests = 50;

Result<> scale_to(ServicesScene& scene, std::size_t count) {
  TRY(scene.cluster.must_kubectl({"scale", "deployment", kHello, fmt::format("--replicas={}", count)}));
  const auto pods = TRY(scene.wait_for_pods(count));
  TRY(wait_for_the_maps(scene, "node0", pods));
  return check_the_maps(scene, "node0", pods);
}

/// How requests went.
struct Tally {
  int answered = 0, failed = 0;
  std::set<std::string> by;  ///< whose names were in the pages
};

void ask(const kernel::NetNs& netns, const IpAddr& service, const std::map<std::string, DemoPod>& pods,
         Tally& tally) {
  const auto answer = web_get(netns, {service, 80}, "/");
  if (!answer || answer->status != 200) {
    ++tally.failed;
    return;
  }
  ++tally.answered;
  for (const auto& [name, pod] : pods)
    if (answer->body.find(name) != std::string::npos) tally.by.insert(name);
}

}  // namespace

Result<> scale_the_application(ServicesScene& scene) {
  scene.tell.say("Ten pods now. Each gets an address of its node's subnet, and the maps follow.");
  TRY(scale_to(scene, 10));
  TRY(scene.cluster.must_kubectl({"get", "pods", "-o", "wide"}));
  scene.tell.say("And three again.");
  return scale_to(scene, 3);
}

Result<> lose_a_backend(ServicesScene& scene) {
  const auto before = TRY(scene.wait_for_pods(3));
  const auto& victim = before.begin()->first;
  scene.tell.say(
      fmt::format("Pods come and go; the address stays. {} is deleted while node0 goes on asking. The "
                  "Deployment makes another one, "
                  "with another address.",
                  victim));
  const auto netns = TRY(scene.cluster.netns("node0"));
  Tally during;
  {
    std::atomic<bool> enough = false;
    std::jthread asking([&] {
      while (!enough) ask(netns, scene.cluster_ip, before, during);
    });
    auto deleted = scene.cluster.must_kubectl({"delete", "pod", victim});
    enough = true;
    if (!deleted) return std::unexpected(std::move(deleted.error()));
  }
  const auto after = TRY(scene.wait_for_pods(3));
  TRY(wait_for_the_maps(scene, "node0", after));
  scene.tell.say(
      fmt::format("Meanwhile {} requests were answered and {} were not: those that came to the pod while it "
                  "was on its way out.",
                  during.answered, during.failed));
  scene.tell.check({.holds = during.answered > 0 && during.answered > during.failed,
                    .seen = fmt::format("{} of {} requests were answered while it went", during.answered,
                                        during.answered + during.failed),
                    .expected = "nearly all",
                    .look = ""});
  Tally later;
  for (int i = 0; i < kRequests; ++i) {
    TRY(Interruption::check());
    ask(netns, scene.cluster_ip, after, later);
  }
  scene.tell.check({.holds = later.answered == kRequests && !after.contains(victim),
                    .seen = fmt::format("then {} of {} requests were answered, by {}", later.answered,
                                        kRequests, listed(later.by)),
                    .expected = fmt::format("all of them, and {} is none of the pods", victim),
                    .look = fmt::format("curl -s http://{} (node0)", scene.cluster_ip.str())});
  return check_the_maps(scene, "node0", after);
}

}  // namespace podwire::lab
