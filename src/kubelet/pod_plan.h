#pragma once
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kubelet/pod_spec.h"

namespace podwire::kubelet {

/// One run of a container, as it stands.
struct ContainerSeen {
  enum class State : std::uint8_t { starting, running, exited };
  std::string name, id, image, image_id;
  bool init = false;
  int attempt = 0, back_off = 0;
  State state = State::starting;
  Time started{}, finished{};
  int exit_code = 0;
  std::string reason, message;  ///< of its end, where they are not what the exit code says
};

/// Why a container does not run yet, and when it is tried again.
struct Waiting {
  std::string reason, message;
  int failures = 0;
  Time again{};
};

/// What probes have found; absent probes count as passed.
struct ProbeFindings {
  bool started = true, ready = true;
  bool unhealthy = false;  ///< liveness or startup has failed for good: it is to be ended
};

/// A pod as it stands on this node.
struct PodSeen {
  bool has_sandbox = false;  ///< something of it may be there
  bool attached = false;     ///< it is whole
  std::optional<Waiting> sandbox_trouble;
  std::vector<std::string> addresses;           ///< podIPs
  std::vector<ContainerSeen> runs;              ///< by name, then attempt
  std::map<std::string, Waiting> waiting;       ///< by container
  std::map<std::string, ProbeFindings> probes;  ///< by container
  std::map<std::string, Time> asked_to_end;     ///< by container id: when it was sent SIGTERM
  std::optional<Time> deleted_at;               ///< when deletion was first seen here
};

/// The latest run of a container, nullptr: none.
[[nodiscard]] const ContainerSeen* latest(const PodSeen& seen [[clang::lifetimebound]],
                                          std::string_view name);

struct MakeSandbox {
  friend bool operator==(const MakeSandbox&, const MakeSandbox&) = default;
};
struct StartContainer {
  std::string name;
  int attempt = 0, back_off = 0;
  friend bool operator==(const StartContainer&, const StartContainer&) = default;
};
/// SIGTERM, or with `now` SIGKILL.
struct EndContainer {
  std::string name, id, why;
  bool now = false;
  friend bool operator==(const EndContainer&, const EndContainer&) = default;
};
/// The network goes; records of containers and their logs stay.
struct TearDown {
  friend bool operator==(const TearDown&, const TearDown&) = default;
};
/// Everything of it goes, here and then in the API.
struct Forget {
  friend bool operator==(const Forget&, const Forget&) = default;
};
using Action = std::variant<MakeSandbox, StartContainer, EndContainer, TearDown, Forget>;

struct Plan {
  std::vector<Action> actions;
  std::optional<Time> look_again;  ///< when time alone changes what is to be done
};

/// What is to be done next for a pod. Pure. Nothing that was asked for earlier is asked for again once it can
/// be seen.
[[nodiscard]] Plan plan_pod(const Pod& pod, const PodSeen& seen, Time now);

/// "Pending", "Running", "Succeeded" or "Failed".
[[nodiscard]] std::string_view phase_of(const Pod& pod, const PodSeen& seen);

/// How long a container waits from its end for the restart that is the Nth in a row: the first is at once,
/// then 10 s, doubling to 5 minutes.
[[nodiscard]] std::chrono::seconds back_off_of(int restarts);
/// How many restarts in a row the next one is: one that has run for ten minutes begins anew.
[[nodiscard]] int next_back_off(const ContainerSeen& ended);
/// Whether its end is to be followed by another run.
[[nodiscard]] bool is_restarted(const Pod& pod, const ContainerSpec& spec, const ContainerSeen& ended);

}  // namespace podwire::kubelet
