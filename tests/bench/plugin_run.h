#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace podwire::bench {

/// One plugin process, from start to exit, as a runtime runs it.
struct PluginRun {
  std::chrono::duration<double, std::milli> wall{};
  long peak_kib = 0;  ///< of the process alone: its children (iptables, delegates) count for themselves
  std::string out;
};

struct PluginCall {
  std::string program;
  std::string command;  ///< ADD, DEL
  std::string container_id, netns;
  std::string config;  ///< stdin
};

/// Error when the plugin fails: its own words.
Result<PluginRun> run_plugin(const PluginCall& call);

/// Milliseconds of many runs.
class Samples {
 public:
  void add(std::chrono::duration<double, std::milli> t) { ms_.push_back(t.count()); }
  /// 0.5: the median. Precondition: not empty.
  [[nodiscard]] double quantile(double q) const;
  [[nodiscard]] double median() const { return quantile(0.5); }

 private:
  std::vector<double> ms_;
};

}  // namespace podwire::bench
