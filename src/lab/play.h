#pragma once
#include <algorithm>
#include <span>

#include "lab/docker_host.h"
#include "lab/interruption.h"
#include "lab/narrator.h"

namespace podwire::lab {

/// A step of a demo that is played in a Scene: it looks, tells and checks. An Error means that it could not
/// go on, and ends the demo; what does not hold is a Statement.
template <class Scene>
struct Step {
  const char* id;
  const char* title;
  Result<> (*perform)(Scene&);
};

/// How many of the steps have to be played for those that were asked for (all, when none were).
template <class Scene>
[[nodiscard]] std::size_t steps_needed(std::span<const Step<Scene>> steps,
                                       const std::set<std::string>& only) {
  if (only.empty()) return steps.size();
  for (std::size_t n = steps.size(); n > 0; --n)
    if (only.contains(steps[n - 1].id)) return n;
  return 0;
}

template <class Scene>
Result<> play(std::span<const Step<Scene>> steps, Scene& scene, Narrator& tell) {
  for (const auto& step : steps) {
    TRY(Interruption::check());
    TRY(tell.step(step.id, step.title));
    TRY(step.perform(scene));
  }
  return {};
}

/// Types `podwire ARGS...` on a host: runs it and tells what it printed.
inline Result<Output> type(Narrator& tell, const DockerHost& host, const std::vector<std::string>& args) {
  auto output = TRY(host.podwire(args));
  tell.command(host.name(), DockerHost::typed(args), output.out + output.err);
  return output;
}

/// The same for a command without which the demo cannot go on.
inline Result<std::string> must_type(Narrator& tell, const DockerHost& host,
                                     const std::vector<std::string>& args) {
  auto output = TRY(type(tell, host, args));
  if (output.status == 0) return std::move(output.out);
  return fail("run", DockerHost::typed(args), 0,
              "exit status " + std::to_string(output.status) + (output.err.empty() ? "" : "; " + output.err));
}

}  // namespace podwire::lab
