#pragma once
#include <memory>

#include "agent/companion.h"

namespace podwire::kubelet {

/// Where a node keeps things that belong to no agent's directory.
struct Options {
  std::string run_dir = "/run/podwire/kubelet";
  std::string netns_dir = "/run/netns";  ///< as `ip netns` shows them
  std::string log_dir = "/var/log/pods";
  std::string image_dir = "/var/lib/podwire/images";  ///< of `podwire image`
};

/// Runs the pods that are bound to this node. They outlive it: the next one finds their records and goes on.
class Kubelet final : public agent::Companion {
 public:
  explicit Kubelet(Options options = {});
  ~Kubelet() override;

  Result<> start(const agent::Site& site) override;
  http::Task<void> stop() override;

 private:
  class Running;
  Options options_;
  std::unique_ptr<Running> running_;
};

}  // namespace podwire::kubelet
