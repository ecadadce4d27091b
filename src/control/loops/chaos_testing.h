#pragma once
#include <random>

#include "base/log.h"
#include "control/loops/cluster_testing.h"

namespace podwire::control::testing {

/// A cluster in which a quarter of the writes fail, in every way that there is, watches are late and break.
class Chaos {
 public:
  explicit Chaos(unsigned seed, ControllerOptions options = {}) : cluster(std::move(options)), random_(seed) {
    log::set_level(log::Level::error);
    cluster.api.fault = [this](const http::Call&) -> std::optional<FakeApi::Fault> {
      if (!failing || below(4) != 0) return std::nullopt;
      constexpr FakeApi::Fault kFaults[] = {FakeApi::Fault::refused, FakeApi::Fault::lost,
                                            FakeApi::Fault::unanswered};
      return kFaults[below(3)];
    };
  }

  void step() {
    switch (below(6)) {
      case 0:
        cluster.api.break_watches();
        break;
      case 1:
        cluster.run_pods();
        break;
      case 2:
        cluster.settle(std::chrono::seconds(below(90)));
        break;
      case 3:
        for (const auto& resource : cluster.api.resources_held())
          for (unsigned n = below(5); n > 0; --n) cluster.api.release_one(resource);
        break;
      default:
        for (const auto& resource : cluster.api.resources_held())
          if (below(2) == 0) cluster.api.release_one(resource);
        cluster.poll();
    }
  }

  /// No more faults, and time for all that was left undone.
  void calm() {
    failing = false;
    cluster.api.release_all();
    for (int i = 0; i < 10; ++i) {
      cluster.settle(std::chrono::minutes(10));
      cluster.run_pods();
    }
    cluster.settle(std::chrono::minutes(10));
  }

  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }

  Cluster cluster;
  bool failing = true;

 private:
  std::mt19937 random_;
};

class AnyFaults : public ::testing::TestWithParam<unsigned> {};

}  // namespace podwire::control::testing
