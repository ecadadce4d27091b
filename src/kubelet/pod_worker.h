#pragma once
#include <memory>
#include <set>

#include "agent/wakeup.h"
#include "client/tasks.h"
#include "kubelet/node.h"
#include "kubelet/pod_plan.h"

namespace podwire::kubelet {

/// One pod of this node, from its first sight until nothing of it is left: looks at what there is, plans,
/// does it, tells the API. On the node's one thread; what blocks is done elsewhere.
class PodWorker {
 public:
  PodWorker(Node& node, std::shared_ptr<const Pod> pod);

  /// The API server has a newer state of it.
  void update(std::shared_ptr<const Pod> pod);
  /// The API server has it no more: it is ended, and nothing is told.
  void gone();

  /// Until nothing of it is left.
  Task<void> run();

  [[nodiscard]] const Pod& pod() const { return *pod_; }
  [[nodiscard]] const PodSeen& seen() const { return seen_; }
  [[nodiscard]] const std::optional<SandboxRecord>& sandbox() const { return sandbox_; }
  /// Records of the runs of its containers, as seen().runs.
  [[nodiscard]] const std::vector<ContainerFiles>& files() const { return files_; }

 private:
  Task<void> look();
  Task<bool> round();
  void watch_processes();
  Task<void> watch(oci::ProcessIdentity process);

  void probe_what_runs();
  Task<void> keep_probing(std::shared_ptr<const Pod> pod, const ContainerSpec& spec, const Probe& probe,
                          std::string what, std::string id);

  Task<void> perform(const Action& action);
  Task<void> make_sandbox();
  Task<Result<Sources>> fetch(std::set<SourceName> names, bool tokens);
  Task<Result<>> make_volumes();
  Task<void> tear_down();
  Task<void> start(const StartContainer& action);
  void end(const EndContainer& action);
  Task<void> forget();

  Task<void> publish();
  void tell_of_waiting(const json::object& status);
  void tell(bool warning, std::string reason, std::string message);
  void wait_with(const std::string& container, std::string reason, std::string message);

  Node& node_;
  std::shared_ptr<const Pod> pod_;
  bool in_api_ = true;
  std::optional<SandboxRecord> sandbox_;
  std::vector<ContainerFiles> files_;
  PodSeen seen_;
  bool stale_ = true;  ///< what is on disk may be newer
  bool forgotten_ = false;
  bool publish_again_ = false;
  json::object told_;  ///< the status that was written last
  std::set<std::string> told_waiting_;
  std::set<pid_t> watched_;
  std::set<std::string> probed_;  ///< by container id
  agent::Wakeup wakeup_;
  client::Tasks watches_;
};

/// What the files of a container's run say of it. `is_alive`: its keeper or its process is there. Pure.
[[nodiscard]] ContainerSeen seen_of(const ContainerFiles& files, bool is_alive, Time now);

}  // namespace podwire::kubelet
