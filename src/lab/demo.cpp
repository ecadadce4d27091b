#include "lab/demo.h"

#include <fmt/format.h>

#include <initializer_list>

#include "lab/demo_containers.h"
#include "lab/demo_encapsulation.h"
#include "lab/demo_services.h"
#include "lab/interruption.h"

namespace podwire::lab {
namespace {

constexpr const char* kIntroduction =
    "All of this happens in network namespaces of its own, which end with the demo: this machine's own "
    "network is not "
    "touched. Lines with a name and $ are commands that are run there. A line with a mark was read from the "
    "kernel or "
    "from captured frames just now: ✓ it holds, ✗ it does not. \"look\" is how you would see it yourself.";

/// How a person looks around while the demo waits for a key.
std::string ways_in(std::initializer_list<const Machine*> machines) {
  std::string text = "\nWhile it waits, look around from another terminal:";
  for (const auto* machine : machines)
    text += fmt::format("\nnsenter -a -t {} ({})", machine->pid(), machine->name());
  return text +
         fmt::format("\nand in there: export PODWIRE_NETNS=host PODWIRE_ROOT={}", Machine::state_directory());
}

template <class Scene>
std::string ways_into(const Scene& scene) {
  return ways_in({&scene.host1.machine(), &scene.stage.outside()});
}
std::string ways_into(const ServicesScene& scene) {
  return fmt::format(
      "\nWhile it waits, look around from another terminal:\npodwire lab --name {0} ssh node0\npodwire lab "
      "--name {0} "
      "kubectl get pods -A -o wide",
      scene.cluster.name());
}

template <class Scene>
Result<> play_demo(Narrator& tell, const DemoOptions& options, std::span<const Step<Scene>> steps) {
  const auto needed = steps.first(steps_needed(steps, options.narration.only));
  if (needed.empty()) return {};
  auto scene = TRY(Scene::set(tell, options.podwire));
  if (options.narration.wait_for_key) tell.say(ways_into(scene));
  TRY(play(needed, scene, tell));
  if (options.narration.wait_for_key) TRY(options.narration.wait_for_key());
  return {};
}

Result<> play_all(Narrator& tell, const DemoOptions& options) {
  if (options.containers) TRY(play_demo(tell, options, container_steps()));
  if (options.encapsulation) TRY(play_demo(tell, options, encapsulation_steps()));
  if (options.services) TRY(play_demo(tell, options, services_steps()));
  return {};
}

template <class Scene>
void list(std::vector<DemoStep>& out, const char* demo, std::span<const Step<Scene>> steps) {
  for (const auto& step : steps) out.push_back({demo, step.id, step.title});
}

}  // namespace

std::vector<DemoStep> demo_steps() {
  std::vector<DemoStep> out;
  list(out, "containers", container_steps());
  list(out, "encapsulation", encapsulation_steps());
  list(out, "services", services_steps());
  return out;
}

Report run_demo(const DemoOptions& options) {
  const Interruption interruption;
  Narrator tell(options.narration);
  tell.headline("podwire demo", kIntroduction);
  if (auto played = play_all(tell, options); !played) tell.break_off(played.error());
  tell.summary();
  Report report = tell.report();
  report.interrupted_by = Interruption::signal();
  return report;
}

}  // namespace podwire::lab
