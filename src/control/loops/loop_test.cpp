#include "control/loops/loop.h"

#include <boost/asio/post.hpp>

#include "control/loops/cluster_testing.h"
#include "control/loops/recorder.h"

namespace podwire::control::testing {
namespace {

/// Wants to look at its one key again and again, at once.
class Restless final : public Loop {
 public:
  explicit Restless(Surroundings& around) : Loop(around, "restless", {}) {}
  void begin() { touch("key"); }
  int looks = 0;

 private:
  http::Task<Decision> decide(std::string key) override {
    if (++looks < 100) touch(key);
    co_return Decision{};
  }
};

TEST(ALoop, LeavesOthersTheirTurns) {
  client::FakeClock clock{false};
  const std::function<kube::Time()> now = [] { return kube::Time(); };
  FakeApi fake{now};
  boost::asio::io_context io{1};
  const client::Api api(fake, kube::Schema::builtin(), "test", clock);
  Caches caches(api, kube::Schema::builtin());
  Sightings sightings(caches);
  Recorder recorder(io, api, now);
  client::Tasks tasks(io);
  Surroundings around{io, api, now, caches, sightings, recorder, tasks};
  Restless restless(around);
  restless.begin();
  tasks.spawn(restless.run());
  int looks_before_the_other = -1;
  boost::asio::post(io, [&] { looks_before_the_other = restless.looks; });
  for (std::size_t ran = 1; ran != 0;) ran = io.poll();
  EXPECT_EQ(restless.looks, 100);
  EXPECT_LT(looks_before_the_other, 5);
  tasks.cancel();
  io.restart();
  io.poll();
}

}  // namespace
}  // namespace podwire::control::testing
