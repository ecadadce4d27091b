#pragma once
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/store/store.h"

/// What the tests of the store share.
namespace podwire::server::testing {

/// The store's thread is the test's own: what is posted runs when the test says so.
class Loop {
 public:
  [[nodiscard]] Post post() {
    return [state = state_](std::function<void()> task) {
      {
        const std::scoped_lock lock(state->mutex);
        state->tasks.push_back(std::move(task));
      }
      state->arrived.notify_one();
    };
  }

  /// Runs what is there, and what that posts. True when there was something.
  bool run() {
    bool ran = false;
    for (; auto task = take(false); ran = true) (*task)();
    return ran;
  }

  /// Runs tasks, waiting for them, until this holds.
  void run_until(const std::function<bool()>& done) {
    while (!done()) (*take(true))();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::function<void()>> tasks;
  };

  std::optional<std::function<void()>> take(bool wait) {
    std::unique_lock lock(state_->mutex);
    if (wait) state_->arrived.wait(lock, [&] { return !state_->tasks.empty(); });
    if (state_->tasks.empty()) return std::nullopt;
    auto task = std::move(state_->tasks.front());
    state_->tasks.pop_front();
    return task;
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// A directory that is gone with the test.
class Directory {
 public:
  Directory() {
    auto name = (std::filesystem::temp_directory_path() / "podwire-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

using Outcome = kube::Answer<std::vector<ObjectPtr>>;

inline Key pod(std::string name, std::string ns = "default") {
  return {.resource = "pods", .ns = std::move(ns), .name = std::move(name)};
}

/// Creates or replaces an object whose "spec.text" is `text`.
inline Write put(Key key, std::uint64_t seen, std::string_view text = {}) {
  boost::json::object object{{"kind", "Test"},
                             {"metadata", boost::json::object{{"name", key.name}}},
                             {"spec", boost::json::object{{"text", text}}}};
  return {.key = std::move(key), .seen = seen, .object = std::move(object), .labels = {}, .fields = {}};
}

/// What put() wrote.
inline std::string text_of(const Object& object) {
  const auto start = object.json.find("\"text\":\"") + 8;
  return object.json.substr(start, object.json.find('"', start) - start);
}

inline Write erase(Key key, std::uint64_t seen) {
  return {.key = std::move(key), .seen = seen, .object = std::nullopt, .labels = {}, .fields = {}};
}

/// Commits and runs the loop until it is settled.
inline Outcome commit(Store& store, Loop& loop, std::vector<Write> writes) {
  std::optional<Outcome> outcome;
  store.commit(std::move(writes), [&](Outcome result) { outcome = std::move(result); });
  EXPECT_FALSE(outcome) << "called back from within commit()";
  loop.run_until([&] { return outcome.has_value(); });
  return *std::move(outcome);
}

/// Opens a store, which must succeed.
inline std::unique_ptr<Store> open_store(Loop& loop, StoreOptions options = {}) {
  auto store = Store::open(std::move(options), loop.post());
  if (!store) throw std::runtime_error(store.error().message());
  return *std::move(store);
}

}  // namespace podwire::server::testing
