#pragma once
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "client/fake_clock_testing.h"
#include "control/loops/controllers.h"
#include "control/loops/fake_api_testing.h"
#include "kube/types/pod.h"

namespace podwire::control::testing {

/// Controllers and the API that they work on, and time that passes when nothing else happens.
class Cluster {
 public:
  explicit Cluster(ControllerOptions options = {}) : options_(std::move(options)) {
    options_.now = [this] { return now(); };
    start();
  }

  /// Controllers that know nothing yet, as after a restart.
  void start() {
    controllers_.reset();
    io_ = std::make_unique<boost::asio::io_context>(1);
    controllers_ = std::make_unique<Controllers>(
        *io_, client::Api(api, kube::Schema::builtin(), "test/1.0", clock), options_);
    const auto started = controllers_->start();
    ASSERT_TRUE(started) << started.error().message();
  }

  ~Cluster() {
    controllers_.reset();
    io_.reset();
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  [[nodiscard]] kube::Time now() const {
    return kStart + std::chrono::duration_cast<std::chrono::microseconds>(clock_now().time_since_epoch());
  }

  /// Until nothing is to be done at this time.
  void poll() {
    for (int left = kMostSteps; !restless_ && io_->poll_one() != 0; --left)
      if (left == 0) restless_ = true;
    EXPECT_FALSE(restless_) << "the controllers do not come to rest";
  }
  /// ... nor within that time, which passes.
  void settle(std::chrono::milliseconds time = std::chrono::seconds(10)) {
    const auto until = clock_now() + time;
    for (poll(); clock.earliest() && *clock.earliest() <= until; poll())
      clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(
          std::max(*clock.earliest() - clock_now(), client::Clock::Time::duration::zero())));
    clock.advance(std::chrono::ceil<std::chrono::milliseconds>(until - clock_now()));
    poll();
  }

  json::object create(const std::string& resource, std::string_view text) {
    return api.create(resource, json::parse(text).get_object());
  }

  /// What a node's agent does: pods that are to go are gone, the others run.
  void run_pods() {
    for (const auto& pod : api.typed<kube::Pod>("pods")) {
      if (pod.meta.deleted) {
        api.erase("pods", pod.meta.namespace_, pod.meta.name);
      } else if (!kube::is_ready(pod)) {
        api.change("pods", pod.meta.namespace_, pod.meta.name, [this](json::object& object) {
          const auto since = kube::time_text(now());
          object["status"] = json::parse(
              R"({"phase":"Running","podIPs":[{"ip":"10.244.0.9"}],"conditions":[{"type":"Ready",
                  "status":"True","lastTransitionTime":")" +
              since + R"("}]})");
        });
      }
    }
  }

  client::FakeClock clock{false};
  FakeApi api{[this] { return now(); }};

 private:
  static constexpr int kMostSteps = 100'000;
  static constexpr kube::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  [[nodiscard]] client::Clock::Time clock_now() const { return const_cast<client::FakeClock&>(clock).now(); }

  ControllerOptions options_;
  bool restless_ = false;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Controllers> controllers_;
};

}  // namespace podwire::control::testing
