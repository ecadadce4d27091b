#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "client/clock.h"

namespace podwire::client {

/// A clock whose sleepers either wake at once, the time having passed, or when the test says advance().
class FakeClock final : public Clock {
 public:
  explicit FakeClock(bool passes_by_itself = true) : passes_by_itself_(passes_by_itself) {}

  Time now() override { return now_; }
  double chance() override { return 0; }

  Task<void> sleep(std::chrono::milliseconds time) override {
    slept.push_back(time);
    if (passes_by_itself_) {
      now_ += time;
      co_await boost::asio::post(boost::asio::use_awaitable);
      co_return;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    Sleeper sleeper(*this, now_ + time, executor);
    while (now_ < sleeper.until) {
      boost::system::error_code woken;
      co_await sleeper.timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
  }

  void advance(std::chrono::milliseconds time) {
    now_ += time;
    for (auto* sleeper : sleepers_)
      if (sleeper->until <= now_) sleeper->timer.cancel();
  }

  /// When the next sleeper would wake; nullopt: nobody sleeps.
  [[nodiscard]] std::optional<Time> earliest() const {
    std::optional<Time> at;
    for (const auto* sleeper : sleepers_)
      if (!at || sleeper->until < *at) at = sleeper->until;
    return at;
  }

  std::vector<std::chrono::milliseconds> slept;

 private:
  struct Sleeper {
    Sleeper(FakeClock& clock_, Time until_, const boost::asio::any_io_executor& executor)
        : clock(clock_), until(until_), timer(executor, boost::asio::steady_timer::time_point::max()) {
      clock.sleepers_.push_back(this);
    }
    ~Sleeper() { std::erase(clock.sleepers_, this); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

    FakeClock& clock;
    Time until;
    boost::asio::steady_timer timer;
  };

  Time now_{};
  bool passes_by_itself_;
  std::vector<Sleeper*> sleepers_;
};

}  // namespace podwire::client
