#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "kernel/netns/netns.h"
#include "lab/narrator.h"

namespace podwire::lab {

/// A lab's cluster as a speaker uses it: by `podwire lab` and kubectl. Taken down by the destructor, which
/// also works for half of a cluster. Not thread-safe.
class DemoCluster {
 public:
  /// Runs `podwire lab up` with a name of its own, and tells it. Errors also: no kubectl in PATH.
  static Result<DemoCluster> up(Narrator& tell, const std::string& podwire, int nodes);
  DemoCluster(DemoCluster&& other) noexcept;
  DemoCluster& operator=(DemoCluster&&) = delete;
  ~DemoCluster();

  /// `kubectl ARGS...` with this standard input, told as it is typed.
  Result<Output> kubectl(const std::vector<std::string>& args, std::string input = {});
  /// The same for a command without which the demo cannot go on: what it printed.
  Result<std::string> must_kubectl(const std::vector<std::string>& args, std::string input = {});
  /// The same, untold.
  [[nodiscard]] Result<std::string> kubectl_quietly(const std::vector<std::string>& args) const;
  /// `kubectl get ARGS... -o json`, silently: what the API server says.
  [[nodiscard]] Result<boost::json::object> get(std::vector<std::string> args) const;
  /// A program on a node, told as it is typed there.
  Result<Output> on(const std::string& node, const std::vector<std::string>& argv);
  [[nodiscard]] Result<Output> on_quietly(const std::string& node,
                                          const std::vector<std::string>& argv) const;
  [[nodiscard]] Result<kernel::NetNs> netns(const std::string& node) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Success when it is down already.
  Result<> down();

 private:
  DemoCluster(Narrator& tell, std::string podwire, std::string kubectl, std::string name)
      : tell_(&tell), podwire_(std::move(podwire)), kubectl_(std::move(kubectl)), name_(std::move(name)) {}
  [[nodiscard]] Result<Output> run_kubectl(std::vector<std::string> args, std::string input = {}) const;
  [[nodiscard]] std::vector<std::string> lab(std::vector<std::string> args) const;

  Narrator* tell_;
  std::string podwire_, kubectl_, name_, kubeconfig_;
  bool is_up_ = false;
};

}  // namespace podwire::lab
