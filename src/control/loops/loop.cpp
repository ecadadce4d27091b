#include "control/loops/loop.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>

#include "base/log.h"

namespace podwire::control {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr auto kFirstWait = 10ms;
constexpr std::chrono::milliseconds kLongestWait = 1min;
constexpr int kQuietFailures = 3;  // what heals at once is not worth a line in the log

}  // namespace

Loop::Loop(Surroundings& around, std::string name, const std::vector<std::string>& needs)
    : around_(around),
      name_(std::move(name)),
      performer_(around.api, around.recorder, name_),
      signal_(around.io) {
  for (const auto& resource : needs) {
    auto* source = needs_.emplace_back(around.caches.source(resource));
    source->on_progress([this] {
      if (!started_) signal_.set();
    });
  }
}

bool Loop::synced() const {
  return std::ranges::all_of(needs_, [](const Source* source) { return source->synced(); });
}

http::Task<void> Loop::run() {
  while (!synced()) co_await signal_.wait();
  started_ = true;
  while (true) {
    take_due();
    while (at_work_ < kAtOnce && !queue_.empty()) {
      auto key = std::move(queue_.front());
      queue_.pop_front();
      auto& state = keys_[key];
      state.queued = state.touched = false;
      state.busy = true;
      ++at_work_;
      around_.tasks.spawn(work(std::move(key)));
    }
    if (due_.empty()) {
      co_await signal_.wait();
    } else {
      // Rounded up, so that it is due when it wakes; not for long, as the time of day may be set anew.
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - now());
      co_await (signal_.wait() || around_.api.clock().sleep(std::clamp(left, 0ms, kLongestWait)));
    }
  }
}

void Loop::touch(const std::string& key) {
  auto& state = keys_[key];
  state.touched = true;
  queue_if_ready(key, state);
}

void Loop::touch_at(const std::string& key, kube::Time at) {
  auto& state = keys_[key];
  if (!state.due || at < *state.due) set_due(key, state, at);
}

void Loop::performed(const std::string& /*key*/, const Performed& /*done*/) {}

void Loop::queue_if_ready(const std::string& key, Key& state) {
  if (!state.touched || state.queued || state.busy || state.unseen || state.waiting) return;
  state.queued = true;
  queue_.push_back(key);
  signal_.set();
}

void Loop::set_due(const std::string& key, Key& state, kube::Time at) {
  if (state.due) due_.erase({*state.due, key});
  state.due = at;
  due_.emplace(at, key);
  signal_.set();
}

void Loop::take_due() {
  const auto now = around_.now();
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto key = due_.begin()->second;
    due_.erase(due_.begin());
    auto& state = keys_[key];
    state.due.reset();
    state.waiting = false;
    touch(key);
  }
}

http::Task<void> Loop::work(std::string key) {
  const bool sure = co_await make_sure(key);
  if (!sure) co_return;
  auto decision = co_await decide(key);
  Performed done;
  if (!decision.actions.empty()) done = co_await performer_.perform(std::move(decision.actions));
  performed(key, done);
  finish(key, std::move(done), decision.look_again);
}

/// False: it is not to be decided yet.
http::Task<bool> Loop::make_sure(const std::string& key) {
  const auto unsure = keys_[key].unsure;
  if (unsure.empty()) co_return true;
  Performed done;
  for (const auto& resource : unsure) {
    const auto revision = co_await performer_.revision_of(resource);
    if (revision) {
      done.expected.push_back({.resource = resource, .revision = *revision});
    } else {
      done.unsure.push_back(resource);
      done.stale = true;
    }
  }
  finish(key, std::move(done), std::nullopt);
  co_return false;
}

void Loop::finish(const std::string& key, Performed done, std::optional<kube::Time> look_again) {
  auto& state = keys_[key];
  state.busy = false;
  --at_work_;
  signal_.set();
  state.unsure = std::move(done.unsure);
  const bool wrote = !done.expected.empty();
  if (done.failure && state.failures >= kQuietFailures)
    log::warn("a controller could not do what it wants",
              {{"controller", name_}, {"key", key}, {"what", done.failed}, {"why", done.failure->message}});
  if (done.clean()) {
    state.failures = 0;
    if (look_again && (!state.due || *look_again < *state.due)) set_due(key, state, *look_again);
  } else {
    retry_later(key, state);
  }
  if (wrote) {
    state.touched = true;
    expect(key, state, done.expected);
  }
  queue_if_ready(key, state);
  forget_if_idle(key);
}

void Loop::retry_later(const std::string& key, Key& state) {
  const auto wait = std::min<std::chrono::milliseconds>(kFirstWait * (1 << std::min(state.failures, 13)), kLongestWait);
  ++state.failures;
  state.waiting = true;
  set_due(key, state, now() + wait);
}

void Loop::expect(const std::string& key, Key& state, const std::vector<Expected>& expected) {
  state.unseen = true;
  around_.sightings.when_seen(expected, [this, key] {
    auto& seen = keys_[key];
    seen.unseen = false;
    queue_if_ready(key, seen);
  });
}

void Loop::forget_if_idle(const std::string& key) {
  const auto at = keys_.find(key);
  if (at == keys_.end()) return;
  const auto& s = at->second;
  if (!s.touched && !s.queued && !s.busy && !s.unseen && !s.waiting && !s.due && s.unsure.empty() && s.failures == 0) keys_.erase(at);
}

}  // namespace podwire::control
