#include "control/loops/loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/log.h"

namespace podwire::control {
namespace {

constexpr int kQuietFailures = 5;  // what heals at once is not worth a line in the log

}  // namespace

Loop::Loop(Surroundings& around, std::string name, const std::vector<std::string>& needs)
    : around_(around),
      name_(std::move(name)),
      performer_(around.api, around.recorder, name_),
      queue_(around.io, around.api.clock()),
      signal_(around.io, around.api.clock()) {
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
  while (!synced()) co_await signal_.wait(std::nullopt);
  started_ = true;
  while (true) {
    while (at_work_ >= kAtOnce) co_await signal_.wait(std::nullopt);
    auto key = co_await queue_.next();
    auto& state = states_[key];
    if (state.busy || state.unseen) {
      state.touched = true;
      continue;
    }
    state.busy = true;
    ++at_work_;
    around_.tasks.spawn(work(std::move(key)));
    // In the server's own process whole answers may come without a pause: everybody else's turn.
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
}

void Loop::touch_at(const std::string& key, kube::Time at) {
  // Rounded up, so that the time has come when it is looked at.
  queue_.add_after(key, std::chrono::ceil<std::chrono::milliseconds>(at - now()));
}

void Loop::performed(const std::string& /*key*/, const Performed& /*done*/) {}

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
  const auto unsure = states_[key].unsure;
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
  auto& state = states_[key];
  state.busy = false;
  --at_work_;
  signal_.set();
  state.unsure = std::move(done.unsure);
  if (done.clean()) {
    state.failures = 0;
    queue_.forget(key);
    if (look_again) touch_at(key, *look_again);
  } else {
    if (done.failure && ++state.failures > kQuietFailures)
      log::warn("a controller could not do what it wants",
                {{"controller", name_}, {"key", key}, {"what", done.failed}, {"why", done.failure->message}});
    queue_.retry(key);
  }
  if (!done.expected.empty()) {
    state.unseen = state.touched = true;
    around_.sightings.when_seen(done.expected, [this, key] {
      states_[key].unseen = false;
      settle(key);
    });
  }
  settle(key);
}

/// What it was touched for while it could not be decided; and what is not worth remembering.
void Loop::settle(const std::string& key) {
  auto& state = states_[key];
  if (state.busy || state.unseen) return;
  if (std::exchange(state.touched, false)) touch(key);
  if (state.failures == 0 && state.unsure.empty()) states_.erase(key);
}

}  // namespace podwire::control
