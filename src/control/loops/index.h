#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "client/informer.h"

namespace podwire::control {

/// The objects of an informer by what they have in common (their owner, their node), so that a look at one
/// object costs those that belong to it. Made before the informer runs, and before whoever looks into it from
/// a handler of the same informer.
template <class T>
class Index {
 public:
  using Ptr = std::shared_ptr<const T>;
  struct ByName {
    bool operator()(const Ptr& a, const Ptr& b) const {
      return std::tie(a->meta.namespace_, a->meta.name) < std::tie(b->meta.namespace_, b->meta.name);
    }
  };
  using Bucket = std::set<Ptr, ByName>;
  /// Under which an object is found; each once.
  using Keys = std::function<std::vector<std::string>(const T&)>;

  Index(client::Informer<T>& informer, Keys keys) : keys_(std::move(keys)) {
    informer.on_change([this](const Ptr& before, const Ptr& after) {
      if (before) remove(before);
      if (after)
        for (auto& key : keys_(*after)) buckets_[std::move(key)].insert(after);
    });
  }
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  [[nodiscard]] const Bucket& at(const std::string& key) const {
    static const Bucket kNone;
    const auto found = buckets_.find(key);
    return found != buckets_.end() ? found->second : kNone;
  }

 private:
  void remove(const Ptr& object) {
    for (const auto& key : keys_(*object)) {
      const auto bucket = buckets_.find(key);
      if (bucket == buckets_.end()) continue;
      bucket->second.erase(object);
      if (bucket->second.empty()) buckets_.erase(bucket);
    }
  }

  Keys keys_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace podwire::control
