#pragma once
#include <functional>

#include "kubelet/pod_worker.h"
#include "streaming/pod_runtime.h"

namespace podwire::kubelet {

/// Logs, exec and port-forward of a node's pods, as their workers know them.
class PodStreams final : public streaming::PodRuntime {
 public:
  /// The worker of a pod; nullptr: it is not here. `uid` may be empty.
  using FindWorker = std::function<std::shared_ptr<PodWorker>(const std::string& ns, const std::string& pod,
                                                              const std::string& uid)>;
  PodStreams(Node& node, FindWorker find) : node_(node), find_(std::move(find)) {}

  streaming::Answer<streaming::LogFile> log_of(const streaming::ContainerRef& container,
                                               bool previous) override;
  Task<streaming::Answer<std::unique_ptr<streaming::RunningProcess>>> exec(
      const streaming::ContainerRef& container, streaming::ExecOptions options) override;
  Task<streaming::Answer<std::unique_ptr<streaming::RunningProcess>>> attach(
      const streaming::ContainerRef& container, streaming::ExecOptions options) override;
  Task<streaming::Answer<UniqueFd>> connect(const streaming::ContainerRef& pod, std::uint16_t port) override;

 private:
  streaming::Answer<std::shared_ptr<PodWorker>> find(const streaming::ContainerRef& ref) const;
  Node& node_;
  FindWorker find_;
};

}  // namespace podwire::kubelet
