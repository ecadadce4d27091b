#include "client/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/fake_clock_testing.h"
#include "client/tasks.h"

namespace podwire::client {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Task<void> take(WorkQueue<std::string>& queue, std::vector<std::string>& taken) {
  for (;;) {
    auto key = co_await queue.next();
    taken.push_back(std::move(key));
  }
}

class WorkQueueTest : public testing::Test {
 protected:
  void poll() {
    io_.restart();
    io_.poll();
  }
  void start() {
    tasks_.spawn(take(queue_, taken_));
    poll();
  }
  std::vector<std::string> taken() {
    poll();
    return std::exchange(taken_, {});
  }
  std::vector<std::string> taken_after(std::chrono::milliseconds time) {
    clock_.advance(time);
    return taken();
  }

  boost::asio::io_context io_;
  FakeClock clock_{false};
  WorkQueue<std::string> queue_{io_, clock_};
  std::vector<std::string> taken_;
  Tasks tasks_{io_};
};

TEST_F(WorkQueueTest, EachKeyOnceInOrder) {
  for (const auto* key : {"b", "a", "b", "c", "a"}) queue_.add(key);
  EXPECT_EQ(queue_.size(), 3U);
  start();
  EXPECT_THAT(taken(), ElementsAre("b", "a", "c"));
  queue_.add("a");
  EXPECT_THAT(taken(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, Times) {
  start();
  queue_.add_after("late", 10s);
  queue_.add_after("soon", 1s);
  queue_.add_after("late", 20s);
  queue_.add_after("late", 5s);
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_THAT(taken_after(999ms), IsEmpty());
  EXPECT_THAT(taken_after(1ms), ElementsAre("soon"));
  queue_.add("now");
  EXPECT_THAT(taken(), ElementsAre("now")) << "one that waits for a time takes what comes in between";
  EXPECT_THAT(taken_after(4s), ElementsAre("late"));
  EXPECT_THAT(taken_after(1h), IsEmpty());
}

TEST_F(WorkQueueTest, FailuresOfAKey) {
  start();
  for (const auto wait : {5ms, 10ms, 20ms, 40ms}) {
    queue_.retry("a");
    EXPECT_THAT(taken_after(wait - 1ms), IsEmpty());
    EXPECT_THAT(taken_after(1ms), ElementsAre("a"));
  }
  queue_.retry("b");
  EXPECT_THAT(taken_after(5ms), ElementsAre("b")) << "each key has its own";
  for (int i = 0; i < 30; ++i) {
    queue_.retry("a");
    taken_after(5min);
  }
  queue_.retry("a");
  EXPECT_THAT(taken_after(5min - 1ms), IsEmpty());
  EXPECT_THAT(taken_after(1ms), ElementsAre("a"));
  queue_.forget("a");
  queue_.retry("a");
  EXPECT_THAT(taken_after(5ms), ElementsAre("a"));
}

TEST_F(WorkQueueTest, CancelledWhileItWaits) {
  start();
  queue_.add_after("late", 10s);
  poll();
  tasks_.cancel();
  poll();
  EXPECT_EQ(tasks_.running(), 0U);
  EXPECT_THAT(taken_after(1h), IsEmpty());
}

}  // namespace
}  // namespace podwire::client
