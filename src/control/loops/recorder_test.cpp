#include "control/loops/recorder.h"

#include <fmt/format.h>

#include "client/tasks.h"
#include "control/loops/cluster_testing.h"

namespace podwire::control::testing {
namespace {

class Recording : public ::testing::Test {
 protected:
  void tell(std::string message, std::string kind = "Pod", std::string uid = "uid-1") {
    recorder.tell("replicaset-controller", {.api_version = "v1",
                                            .kind = std::move(kind),
                                            .namespace_ = "ns",
                                            .name = "web",
                                            .uid = std::move(uid),
                                            .reason = "Because",
                                            .message = std::move(message)});
  }
  void write() {
    for (std::size_t ran = 1; ran != 0;) ran = io.poll();
  }

  kube::Time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  client::FakeClock clock{false};
  FakeApi api{[this] { return now; }};
  boost::asio::io_context io{1};
  Recorder recorder{io, client::Api(api, kube::Schema::builtin(), "test", clock), [this] { return now; }};
  client::Tasks tasks{io};

  void SetUp() override { tasks.spawn(recorder.run()); }
};

TEST_F(Recording, SaysWhoTellsWhatAboutWhom) {
  tell("it is so");
  write();
  ASSERT_EQ(api.all("events").size(), 1U);
  const auto& event = *api.all("events")[0];
  EXPECT_TRUE(kube::text_in(event, "metadata", "name").starts_with("web."));
  EXPECT_EQ(kube::text_in(event, "metadata", "namespace"), "ns");
  EXPECT_EQ(kube::text_in(event, "source", "component"), "replicaset-controller");
  EXPECT_EQ(kube::text_in(event, "involvedObject", "uid"), "uid-1");
  EXPECT_EQ(event.at("count").to_number<int>(), 1);
}

TEST_F(Recording, CountsWhatIsToldAgainSoon) {
  for (int i = 0; i < 3; ++i) {
    tell("again");
    write();
    now += std::chrono::minutes(1);
  }
  ASSERT_EQ(api.all("events").size(), 1U);
  EXPECT_EQ(api.all("events")[0]->at("count").to_number<int>(), 3);
  EXPECT_EQ(kube::text_in(*api.all("events")[0], "lastTimestamp"), "2026-01-01T00:02:00Z");
  now += std::chrono::hours(1);
  tell("again");
  write();
  EXPECT_EQ(api.all("events").size(), 2U) << "what is told after an hour is another Event";
}

TEST_F(Recording, WritesAnewWhatHasExpired) {
  tell("again");
  write();
  api.erase("events", "ns", std::string(kube::text_in(*api.all("events")[0], "metadata", "name")));
  tell("again");
  write();
  EXPECT_EQ(api.all("events").size(), 1U);
}

TEST_F(Recording, IsNotDeafenedByOneObject) {
  for (int i = 0; i < 1000; ++i) tell(fmt::format("message {}", i));
  tell("of another", "Pod", "uid-2");
  write();
  EXPECT_EQ(api.all("events").size(), 26U);
}

}  // namespace
}  // namespace podwire::control::testing
