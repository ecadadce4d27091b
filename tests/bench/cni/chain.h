#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/bench/cni/plugin.h"

namespace podwire::bench {

/// A network as a runtime reads it from a conflist: plugins in order, called with the one before's result.
class Chain {
 public:
  struct Plugin {
    std::string program;     ///< path
    std::string config;      ///< a JSON object without the keys that the runtime adds
    bool publishes = false;  ///< has the capability portMappings: gets one port
  };
  /// `first_port`: container n publishes first_port + n.
  Chain(std::string network, int first_port, std::vector<Plugin> plugins)
      : network_(std::move(network)), first_port_(first_port), plugins_(std::move(plugins)) {}

  /// Container n: its network namespace is made if need be, which does not count. The sum of all plugins'
  /// times, the largest of their peaks, the last one's output. The result is kept for del().
  Result<Ran> add(int n);
  /// In reverse order, with the final result as prevResult. The namespace stays: the kernel cleans one up in
  /// the background, with the lock that the next measured call waits for.
  Result<Ran> del(int n);
  Result<> remove_containers();
  [[nodiscard]] std::string container(int n) const { return network_ + "-" + std::to_string(n); }

 private:
  Result<Ran> call(const Plugin& plugin, const std::string& command, int n,
                   const std::string& prev_result) const;
  std::string network_;
  int first_port_;
  std::vector<Plugin> plugins_;
  std::map<int, std::string> results_;  ///< of the containers that are added
  std::set<int> containers_;
};

}  // namespace podwire::bench
