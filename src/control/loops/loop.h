#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/tasks.h"
#include "control/loops/caches.h"
#include "control/loops/perform.h"
#include "control/loops/sightings.h"
#include "control/loops/signal.h"

namespace podwire::control {

/// What all loops share. Outlives them.
struct Surroundings {
  boost::asio::io_context& io;
  client::Api api;
  std::function<kube::Time()> now;
  Caches& caches;
  Sightings& sightings;
  Recorder& recorder;
  client::Tasks& tasks;
};

/// What is to be done about one key.
struct Decision {
  Actions actions;
  std::optional<kube::Time> look_again;  ///< though nothing changes until then
};

/// One controller: keys that something happened to, each looked at alone, some of them at the same time. A key
/// that is touched ten times while it waits is looked at once. After its own writes it waits until they can
/// be seen, and is looked at again; after a failure it waits 10 ms, twice as long each time, one minute at
/// most. Begins when all that it needs has been listed. The cost of a touch is a map's.
class Loop {
 public:
  static constexpr std::size_t kAtOnce = 16;

  /// `name` as the controller is called in Kubernetes: Events come from it. `needs`: resources.
  Loop(Surroundings& around, std::string name, const std::vector<std::string>& needs);
  virtual ~Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Until it is cancelled.
  http::Task<void> run();

 protected:
  /// Something happened to it: look soon.
  void touch(const std::string& key);
  void touch_at(const std::string& key, kube::Time at);

  /// What to do about it. Only that key is at work, others may be.
  virtual http::Task<Decision> decide(std::string key) = 0;
  /// What came of it, also of nothing to do.
  virtual void performed(const std::string& key, const Performed& done);

  [[nodiscard]] kube::Time now() const { return around_.now(); }
  [[nodiscard]] Caches& caches() const { return around_.caches; }
  [[nodiscard]] const client::Api& api() const { return around_.api; }
  [[nodiscard]] Performer& performer() { return performer_; }

 private:
  struct Key {
    bool touched = false, queued = false;
    bool busy = false;      // at work
    bool unseen = false;    // its writes are not seen yet
    bool waiting = false;   // for a time after a failure
    int failures = 0;
    std::optional<kube::Time> due;  // in due_
    std::vector<std::string> unsure;
  };

  [[nodiscard]] bool synced() const;
  void queue_if_ready(const std::string& key, Key& state);
  void set_due(const std::string& key, Key& state, kube::Time at);
  void take_due();
  http::Task<void> work(std::string key);
  http::Task<bool> make_sure(const std::string& key);
  void finish(const std::string& key, Performed done, std::optional<kube::Time> look_again);
  void retry_later(const std::string& key, Key& state);
  void expect(const std::string& key, Key& state, const std::vector<Expected>& expected);
  void forget_if_idle(const std::string& key);

  Surroundings& around_;
  std::string name_;
  Performer performer_;
  std::vector<Source*> needs_;
  std::unordered_map<std::string, Key> keys_;  // those there is something to know of
  std::deque<std::string> queue_;
  std::set<std::pair<kube::Time, std::string>> due_;
  Signal signal_;
  std::size_t at_work_ = 0;
  bool started_ = false;
};

}  // namespace podwire::control
