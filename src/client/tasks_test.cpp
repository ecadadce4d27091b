#include "client/tasks.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace podwire::client {
namespace {

namespace asio = boost::asio;

/// Counts those that are in it.
struct Inside {
  explicit Inside(int& n) : count(n) { ++count; }
  ~Inside() { --count; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  int& count;
};

Task<void> sleep(int& inside) {
  const Inside here(inside);
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> end_soon(int& inside) {
  const Inside here(inside);
  co_await asio::post(asio::use_awaitable);
}

Task<void> throw_up() {
  co_await asio::post(asio::use_awaitable);
  throw std::runtime_error("a bug");
}

Task<void> cancel_all(Tasks& tasks, int& inside) {
  co_await asio::post(asio::use_awaitable);
  tasks.cancel();
  tasks.spawn(sleep(inside));
}

Task<void> note_end(Tasks& tasks, bool& ended) {
  co_await tasks.join();
  ended = true;
}

class TasksTest : public testing::Test {
 protected:
  void poll() {
    io_.restart();
    io_.poll();
  }
  asio::io_context io_;
  int inside_ = 0;
};

TEST_F(TasksTest, EndByThemselves) {
  Tasks tasks(io_);
  tasks.spawn(end_soon(inside_));
  tasks.spawn(sleep(inside_));
  EXPECT_EQ(tasks.running(), 2U);
  poll();
  EXPECT_EQ(tasks.running(), 1U);
  EXPECT_EQ(inside_, 1);
}

TEST_F(TasksTest, CancelEndsAllOfThem) {
  Tasks tasks(io_);
  for (int i = 0; i < 3; ++i) tasks.spawn(sleep(inside_));
  poll();
  EXPECT_EQ(inside_, 3);
  tasks.cancel();
  tasks.spawn(sleep(inside_));
  poll();
  EXPECT_EQ(inside_, 0);
  EXPECT_EQ(tasks.running(), 0U);
}

TEST_F(TasksTest, CancelBeforeTheFirstStep) {
  Tasks tasks(io_);
  tasks.spawn(sleep(inside_));
  tasks.cancel();
  poll();
  EXPECT_EQ(tasks.running(), 0U);
  EXPECT_EQ(inside_, 0);
}

TEST_F(TasksTest, OneOfThemCancelsAll) {
  Tasks tasks(io_);
  tasks.spawn(sleep(inside_));
  tasks.spawn(cancel_all(tasks, inside_));
  poll();
  EXPECT_EQ(tasks.running(), 0U);
  EXPECT_EQ(inside_, 0);
}

TEST_F(TasksTest, JoinWaitsForAll) {
  Tasks tasks(io_), others(io_);
  bool ended = false;
  tasks.spawn(sleep(inside_));
  others.spawn(note_end(tasks, ended));
  poll();
  EXPECT_FALSE(ended);
  tasks.cancel();
  poll();
  EXPECT_TRUE(ended);
  ended = false;
  others.spawn(note_end(tasks, ended));
  poll();
  EXPECT_TRUE(ended) << "nothing to wait for";
}

TEST_F(TasksTest, DestructionCancels) {
  {
    Tasks tasks(io_);
    tasks.spawn(sleep(inside_));
    poll();
    EXPECT_EQ(inside_, 1);
  }
  poll();
  EXPECT_EQ(inside_, 0);
}

TEST_F(TasksTest, DestructionOfTheContextEndsThemToo) {
  {
    asio::io_context io;
    Tasks tasks(io);
    tasks.spawn(sleep(inside_));
    io.poll();
    EXPECT_EQ(inside_, 1);
  }
  EXPECT_EQ(inside_, 0);
}

TEST_F(TasksTest, ABugEndsTheProcess) {
  EXPECT_DEATH(
      {
        Tasks tasks(io_);
        tasks.spawn(throw_up());
        io_.run();
      },
      "a bug");
}

}  // namespace
}  // namespace podwire::client
