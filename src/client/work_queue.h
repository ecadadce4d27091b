#pragma once
#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "client/work_signal.h"

namespace podwire::client {

/// Keys of what is to be looked at, each once however often it was added, in the order in which they came. A
/// key that next() has handed out may be added again at once: it is handed out again, so what changed while
/// one looked is not missed. For one worker (two could get the same key). On the io_context's one thread.
template <class K>
class WorkQueue {
 public:
  explicit WorkQueue(boost::asio::io_context& io, Clock& clock = Clock::real())
      : signal_(io, clock), clock_(clock) {}

  void add(K key) {
    if (!queued_.insert(key).second) return;
    ready_.push_back(std::move(key));
    signal_.set();
  }

  /// Also later. Of several times the earliest counts; those who want another look then say so again.
  void add_at(K key, Clock::Time at) {
    const auto [known, fresh] = times_.try_emplace(key, at);
    if (!fresh) {
      if (known->second <= at) return;
      by_time_.erase({known->second, key});
      known->second = at;
    }
    by_time_.emplace(at, std::move(key));
    signal_.set();
  }

  void add_after(K key, std::chrono::milliseconds time) { add_at(std::move(key), clock_.now() + time); }

  /// It failed: again after a wait that doubles with each failure of this key, from 5 ms to 5 minutes.
  void retry(K key) {
    auto& next = waits_[key];
    next = std::clamp(next * 2, kFirstWait, kLongestWait);
    add_at(std::move(key), clock_.now() + next);
  }
  /// It went well: its failures are forgotten.
  void forget(const K& key) { waits_.erase(key); }

  Task<K> next() {
    for (;;) {
      take_due();
      if (!ready_.empty()) {
        K out = std::move(ready_.front());
        ready_.pop_front();
        queued_.erase(out);
        co_return out;
      }
      std::optional<Clock::Time> until;
      if (!by_time_.empty()) until = by_time_.begin()->first;
      co_await signal_.wait(until);
    }
  }

  /// Ready, not counting those whose time has not come.
  [[nodiscard]] std::size_t size() const { return ready_.size(); }

 private:
  static constexpr std::chrono::milliseconds kFirstWait{5};
  static constexpr std::chrono::milliseconds kLongestWait{std::chrono::minutes(5)};

  void take_due() {
    const auto now = clock_.now();
    while (!by_time_.empty() && by_time_.begin()->first <= now) {
      auto key = std::move(by_time_.extract(by_time_.begin()).value().second);
      times_.erase(key);
      add(std::move(key));
    }
  }

  WorkSignal signal_;
  Clock& clock_;
  std::deque<K> ready_;
  std::set<K> queued_;  ///< what is in ready_
  std::map<K, Clock::Time> times_;
  std::set<std::pair<Clock::Time, K>> by_time_;
  std::map<K, std::chrono::milliseconds> waits_;  ///< after the last failure
};

}  // namespace podwire::client
