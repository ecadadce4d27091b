#pragma once
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/informer.h"

namespace podwire::client {

/// The objects of an Informer by something else than their name: pods by node, by owner. Up to date when the
/// informer's own handlers that came after it are called. Lives as long as the informer runs.
template <class T>
class Index {
 public:
  using Ptr = typename Informer<T>::Ptr;
  using Objects = std::map<typename Informer<T>::Key, Ptr>;
  /// Under which keys an object is found; none, one or several. Pure.
  using Keys = std::function<std::vector<std::string>(const T&)>;

  /// Before the informer's run().
  Index(Informer<T>& informer, Keys keys) : keys_(std::move(keys)) {
    informer.on_change([this](const Ptr& before, const Ptr& after) { update(before, after); });
  }
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// In the order of namespace and name. Good until the informer hears of a change.
  [[nodiscard]] const Objects& at(const std::string& key) const {
    static const Objects none;
    const auto found = objects_.find(key);
    return found != objects_.end() ? found->second : none;
  }

 private:
  void update(const Ptr& before, const Ptr& after) {
    if (before) {
      for (const auto& key : keys_(*before)) {
        const auto found = objects_.find(key);
        if (found == objects_.end()) continue;
        found->second.erase({before->meta.namespace_, before->meta.name});
        if (found->second.empty()) objects_.erase(found);
      }
    }
    if (!after) return;
    for (const auto& key : keys_(*after))
      objects_[key].insert_or_assign({after->meta.namespace_, after->meta.name}, after);
  }

  Keys keys_;
  std::unordered_map<std::string, Objects> objects_;
};

}  // namespace podwire::client
