#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/rules/rules.h"
#include "kube/schema.h"
#include "server/commit.h"
#include "server/object_meta.h"
#include "server/query.h"
#include "server/store/store.h"
#include "server/world.h"

namespace podwire::server {

/// What has to happen in the same commit as a write of one resource, such as taking a Service's addresses.
class Guard {
 public:
  /// What is to be done when it is known whether the write has happened. Either may be empty.
  struct Taken {
    std::function<void()> undo;     ///< it has not: takes back what was taken for it
    std::function<void()> release;  ///< it has: gives up what the object no longer has
  };

  virtual ~Guard() = default;
  /// `old` nullptr: the object is new; `object` nullptr: it goes. One that is deleted but still waits for
  /// something is an update that gives it its deletionTimestamp. May change the object and add further
  /// writes. With `dry_run` nothing may stay taken.
  virtual kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                                    bool dry_run) = 0;
};

/// Asked of every write before it is done, with what is there and what shall be (nullptr: nothing); may
/// refuse.
using Check = std::function<kube::Answer<>(const json::object* old, const json::object* object)>;

/// Who writes: for managedFields, and what he may.
struct Author {
  std::string manager;  ///< fieldManager, else what the User-Agent begins with
  bool apply = false;   ///< by server-side apply: its change has said which fields are its own
  Check check = {};     ///< empty: nothing is asked
};

struct Written {
  ObjectPtr object;
  bool created = false;
  std::vector<std::string> warnings;  ///< each a `Warning: 299` header
};

struct Removed {
  ObjectPtr object;  ///< its last state, or that in which it waits for its end
  bool gone = false;
};

/// What writes mean: from an object as a client sent it to commits of the store. Everything that Kubernetes
/// does between the two: field checks, defaults, metadata, the kind's own rules, guards, managedFields; then
/// the commit, tried again when somebody else was faster and the writer did not insist on a revision. On the
/// store's thread.
class Registry {
 public:
  Registry(const kube::Schema& schema, Store& store, World world, kube::RuleOptions rules);

  void guard(std::string resource, std::shared_ptr<Guard> guard) {
    guards_[std::move(resource)] = std::move(guard);
  }

  /// Called after each commit: how long it took, and whether it was refused for a fault of the storage.
  void observe_commits(std::function<void(std::chrono::nanoseconds, bool failed)> observer) {
    observer_ = std::move(observer);
  }

  /// From the live object (nullptr: there is none, only where `upsert`) to what shall be. Called again after
  /// a conflict.
  ///
  /// `subresource`: "status" and "finalize" write their part of the object and nothing else. "binding" is the
  /// server's own change on a client's behalf: trusted, it may be of any part, and is nobody's in
  /// managedFields.
  using Change = std::function<kube::Answer<json::object>(const json::object* live)>;

  Task<kube::Answer<Written>> create(const kube::Resource& resource, Place place, json::object object,
                                     Author author, WriteOptions options);
  Task<kube::Answer<Written>> update(const kube::Resource& resource, Place place, std::string subresource,
                                     Change change, Author author, WriteOptions options, bool upsert = false);
  Task<kube::Answer<Removed>> remove(const kube::Resource& resource, Place place, DeleteOptions options,
                                     Check check = {});

  [[nodiscard]] ObjectPtr find(const kube::Resource& resource, const Place& place) const;
  [[nodiscard]] kube::Answer<ObjectPtr> get(const kube::Resource& resource, const Place& place) const;

  [[nodiscard]] const kube::Schema& schema() const { return *schema_; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] const World& world() const { return world_; }

 private:
  struct Prepared;
  kube::Answer<Prepared> prepare_create(const kube::Resource& resource, const Place& place,
                                        json::object object, const Author& author,
                                        const WriteOptions& options);
  kube::Answer<Prepared> prepare_update(const kube::Resource& resource, const Place& place,
                                        std::string_view subresource, const Object& live,
                                        const Change& change, const Author& author,
                                        const WriteOptions& options);
  kube::Answer<> admit(const kube::Resource& resource, const json::object* old, json::object* object,
                       bool dry_run, Prepared& out);
  Task<kube::Answer<ObjectPtr>> settle(Prepared prepared, bool dry_run);

  const kube::Schema* schema_;
  Store* store_;
  World world_;
  kube::RuleOptions rules_;
  std::map<std::string, std::shared_ptr<Guard>, std::less<>> guards_;
  std::function<void(std::chrono::nanoseconds, bool)> observer_;
};

/// The object as JSON, from the text that the store holds, in the form in which it is stored.
[[nodiscard]] json::object parse_stored(const Object& object);

}  // namespace podwire::server
