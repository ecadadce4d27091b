#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/store/collection.h"
#include "server/store/feed.h"
#include "server/store/log.h"
#include "server/store/store.h"

namespace podwire::server {

/// The store's memory: what is durable, which is all that is read, and what is on its way.
class Store::Core : public std::enable_shared_from_this<Store::Core> {
 public:
  Core(StoreOptions options, Post post);

  /// Before anything else where there is a file: the newest revision that was given out; then the objects
  /// (false: one of that name is there already).
  void start(std::uint64_t revision) { revision_ = given_ = start_ = revision; }
  bool load(ObjectPtr object);
  /// Commits go there from now on.
  void attach(std::unique_ptr<Log> log) { log_ = std::move(log); }
  /// Writes what was committed and calls nobody back any more.
  void stop() { log_.reset(); }
  /// What the log is to call, from any thread.
  [[nodiscard]] std::function<void(LogOutcome)> reporter();

  [[nodiscard]] ObjectPtr get(const Key& key) const;
  [[nodiscard]] Read<Page> list(const ListQuery& query) const;
  Read<std::unique_ptr<Watch>> watch(Interest interest, std::uint64_t after, std::function<void()> wake);
  void commit(std::vector<Write> writes, Committed done);

  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] std::size_t in_flight() const { return pending_.size(); }
  void forget(std::uint64_t up_to);
  [[nodiscard]] std::vector<ResourceStats> stats() const;

 private:
  struct Shelf {
    Shelf(const StoreOptions& options, std::uint64_t floor, WakeQueue& wakes, const std::uint64_t& now)
        : feed({.events = options.ring_events, .bytes = options.ring_bytes}, floor, wakes, now) {}
    Collection objects;
    Feed feed;
  };
  /// A commit that is not settled, or a refusal that waits for the commits that it is due to.
  struct Pending {
    std::uint64_t sequence;
    std::shared_ptr<const std::vector<Event>> events;  ///< nullptr: refused
    kube::Status refusal;                              ///< if so, why
    Committed done;
  };

  Shelf& shelf(const std::string& resource);
  void settle(const LogOutcome& outcome);
  [[nodiscard]] ObjectPtr newest(const Key& key) const;
  [[nodiscard]] kube::Answer<> check(const std::vector<Write>& writes) const;
  Event apply(Write write);
  void publish(const Event& event);
  void finish(Pending pending);
  void abandon(const Error& error);

  StoreOptions options_;
  Post post_;
  std::uint64_t revision_;  ///< the newest that is durable
  std::uint64_t given_;     ///< the newest that is in use
  std::uint64_t start_;     ///< revision_ at the start: of what was before there are no events
  std::uint64_t sequence_ = 0, settled_ = 0, epoch_ = 0;
  WakeQueue wakes_;
  std::map<std::string, Shelf, std::less<>> shelves_;
  std::map<Key, Event> changing_;  ///< the newest change on its way of each object
  std::deque<Pending> pending_;
  std::unique_ptr<Log> log_;
};

}  // namespace podwire::server
