#pragma once
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/tasks.h"
#include "client/work_queue.h"
#include "control/loops/caches.h"
#include "control/loops/perform.h"
#include "control/loops/sightings.h"

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

/// One controller: keys that something happened to, each looked at alone, some of them at the same time. A
/// key that is touched ten times while it waits is looked at once. After its own writes it waits until they
/// can be seen, and is looked at again; after a failure too, ever later. Begins when all that it needs has
/// been listed. A touch costs a lookup.
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
  void touch(const std::string& key) { queue_.add(key); }
  void touch_at(const std::string& key, kube::Time at);

  /// What to do about it. Nobody else decides about that key meanwhile.
  virtual http::Task<Decision> decide(std::string key) = 0;
  /// What came of it, also of nothing to do.
  virtual void performed(const std::string& key, const Performed& done);

  [[nodiscard]] kube::Time now() const { return around_.now(); }
  [[nodiscard]] Caches& caches() const { return around_.caches; }
  [[nodiscard]] const client::Api& api() const { return around_.api; }
  [[nodiscard]] Performer& performer() { return performer_; }

 private:
  /// Of a key that cannot be decided now, or that has failed.
  struct State {
    bool busy = false;     // at work
    bool unseen = false;   // its writes are not seen yet
    bool touched = false;  // meanwhile
    int failures = 0;
    std::vector<std::string> unsure;  // resources of which something may have been created
  };

  [[nodiscard]] bool synced() const;
  http::Task<void> work(std::string key);
  http::Task<bool> make_sure(const std::string& key);
  void finish(const std::string& key, Performed done, std::optional<kube::Time> look_again);
  void settle(const std::string& key);

  Surroundings& around_;
  std::string name_;
  Performer performer_;
  std::vector<Source*> needs_;
  client::WorkQueue<std::string> queue_;
  client::WorkSignal signal_;  // a key is finished, or something is synced
  std::unordered_map<std::string, State> states_;
  std::size_t at_work_ = 0;
  bool started_ = false;
};

}  // namespace podwire::control
