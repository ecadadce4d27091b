#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/reflector.h"
#include "kube/types/object_meta.h"

namespace podwire::client {

/// What is kept of objects of which only the metadata matters; Selection::metadata_only asks for no more.
struct Metadata {
  kube::ObjectMeta meta;
};
inline void read(const kube::Place& place, Metadata& into) { place.field("metadata", into.meta); }

/// All objects of one resource (or those that a selection names) as T, kept up to date by a Reflector.
/// Objects are immutable and shared: a pointer stays good while the cache goes on. An object that cannot be
/// read as T is logged and kept out. On one thread; a lookup costs a map's, a change too.
template <class T>
class Informer final : public Sink {
 public:
  using Ptr = std::shared_ptr<const T>;
  using Key = std::pair<std::string, std::string>;  ///< namespace, name
  /// `before` nullptr: new; `after` nullptr: gone. Called when the cache has the new state already. An object
  /// that was replaced by another of the same name is told as gone first.
  using Changed = std::function<void(const Ptr& before, const Ptr& after)>;

  Informer(const Api& api, Selection selection)
      : resource_(selection.resource), reflector_(api, std::move(selection), *this) {}
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  /// Before run(). Handlers are called in the order in which they came.
  void on_change(Changed handler) { handlers_.push_back(std::move(handler)); }
  /// Once, when the first list is complete; and after each event or bookmark, with seen() moved on.
  void on_progress(std::function<void()> handler) { progress_.push_back(std::move(handler)); }

  /// Lists and watches until it is cancelled.
  Task<void> run() { return reflector_.run(); }

  [[nodiscard]] bool synced() const { return synced_; }
  /// Everything up to this revision is in the cache.
  [[nodiscard]] std::uint64_t seen() const { return seen_; }

  [[nodiscard]] Ptr find(std::string_view ns, std::string_view name) const;
  /// In the order of namespace and name.
  [[nodiscard]] const std::map<Key, Ptr>& all() const { return objects_; }
  /// Those of one namespace.
  [[nodiscard]] std::vector<Ptr> in_namespace(std::string_view ns) const;

 private:
  void listing() override;
  void listed(json::object object) override;
  void replaced(std::uint64_t revision) override;
  void changed(json::object object, std::uint64_t revision) override;
  void removed(json::object object, std::uint64_t revision) override;
  void bookmark(std::uint64_t revision) override;

  /// nullptr: it is no T, which the log has been told once.
  Ptr read_object(const Key& key, const std::string& revision, json::object object);
  void tell(const Ptr& before, const Ptr& after);
  void progress();

  std::string resource_;
  Reflector reflector_;
  std::map<Key, Ptr> objects_;
  std::map<Key, Ptr> listed_;           ///< by the list that is coming in; nullptr: cannot be read
  std::map<Key, std::string> refused_;  ///< what cannot be read, and in which revision that was said
  std::vector<Changed> handlers_;
  std::vector<std::function<void()>> progress_;
  std::uint64_t seen_ = 0;
  bool synced_ = false;
};

}  // namespace podwire::client

#include "client/informer_impl.h"
