#pragma once
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/informer.h"

namespace podwire::client {

/// The objects of an Informer by something else than their name: pods by node, by owner. Up to date when the
/// handlers that the informer was given after it are called. Lives as long as the informer runs.
template <class T>
class Index {
 public:
  using Ptr = typename Informer<T>::Ptr;
  struct ByName {
    bool operator()(const Ptr& a, const Ptr& b) const {
      return std::tie(a->meta.namespace_, a->meta.name) < std::tie(b->meta.namespace_, b->meta.name);
    }
  };
  using Bucket = std::set<Ptr, ByName>;
  /// Under which keys an object is found; none, one or several. Pure.
  using Keys = std::function<std::vector<std::string>(const T&)>;

  /// Before the informer's run().
  Index(Informer<T>& informer, Keys keys) : keys_(std::move(keys)) {
    informer.on_change([this](const Ptr& before, const Ptr& after) {
      if (before) remove(before);
      if (after)
        for (auto& key : keys_(*after)) buckets_[std::move(key)].insert(after);
    });
  }
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// In the order of namespace and name. Good until the informer hears of a change.
  [[nodiscard]] const Bucket& at(const std::string& key) const {
    static const Bucket kNone;
    const auto found = buckets_.find(key);
    return found != buckets_.end() ? found->second : kNone;
  }

 private:
  void remove(const Ptr& object) {
    for (const auto& key : keys_(*object)) {
      const auto found = buckets_.find(key);
      if (found == buckets_.end()) continue;
      found->second.erase(object);
      if (found->second.empty()) buckets_.erase(found);
    }
  }

  Keys keys_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace podwire::client
