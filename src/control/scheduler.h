#pragma once
#include <map>
#include <set>
#include <span>

#include "control/action.h"
#include "kube/types/node.h"
#include "kube/types/pod.h"

namespace podwire::control {

inline constexpr std::string_view kScheduler = "default-scheduler";

/// What the pods of a node take of it. Kept up to date pod by pod, so that a decision costs the nodes, not
/// the pods of the cluster.
class NodeLoad {
 public:
  void add(const kube::Pod& pod) { change(pod, 1); }
  void remove(const kube::Pod& pod) { change(pod, -1); }

  [[nodiscard]] const kube::Amounts& requested() const { return requested_; }
  [[nodiscard]] int pods() const { return pods_; }
  [[nodiscard]] bool has_port(const kube::ContainerPort& port) const;
  /// Pods of that controller.
  [[nodiscard]] int of_owner(const std::string& uid) const;

 private:
  struct HostPort {
    std::string protocol;
    int port = 0;
    std::string ip;  ///< "": all addresses
    friend auto operator<=>(const HostPort&, const HostPort&) = default;
  };
  void change(const kube::Pod& pod, int by);

  kube::Amounts requested_;
  int pods_ = 0;
  std::map<HostPort, int> ports_;
  std::map<std::string, int> owners_;
};

struct SchedulerView {
  std::span<const kube::Node* const> nodes;
  const std::map<std::string, NodeLoad>& load;  ///< by the node's name; pods that are bound and not finished
};

/// Where the pod goes, or "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."
struct Placement {
  std::string node;  ///< "": none will do
  std::string why_not;
};
[[nodiscard]] Placement place_pod(const kube::Pod& pod, const SchedulerView& view);

/// This scheduler is asked for the pod, and it waits for a node.
[[nodiscard]] bool awaits_node(const kube::Pod& pod);

/// Binds the pod there, or says in its status and an Event why not.
[[nodiscard]] Actions act_on(const kube::Pod& pod, const Placement& placement, kube::Time now);

/// place_pod() and act_on(), of a pod that awaits a node.
[[nodiscard]] Actions schedule(const kube::Pod& pod, const SchedulerView& view, kube::Time now);

}  // namespace podwire::control
