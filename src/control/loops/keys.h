#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/loops/caches.h"
#include "kube/rules/label_selector.h"
#include "kube/types/object_meta.h"

/// Keys of loops, and what a look at one of them collects.
namespace podwire::control {

/// "namespace/name", or "/name" for what has no namespace.
[[nodiscard]] inline std::string key_of(const kube::ObjectMeta& meta) {
  return meta.namespace_ + "/" + meta.name;
}
[[nodiscard]] inline std::string key_of(const std::string& ns, const std::string& name) {
  return ns + "/" + name;
}

template <class T>
[[nodiscard]] std::shared_ptr<const T> find(const client::Informer<T>& informer, std::string_view key) {
  const auto slash = key.find('/');
  return informer.find(key.substr(0, slash), key.substr(slash + 1));
}

/// The key of its controller, if that is of this kind.
[[nodiscard]] inline std::optional<std::string> controller_key(const kube::ObjectMeta& meta,
                                                               std::string_view kind) {
  const auto* owner = kube::controller_of(meta);
  if (owner == nullptr || owner->kind != kind) return std::nullopt;
  return key_of(meta.namespace_, owner->name);
}

/// Calls `touch` with the key of each owner whom a change of `owned` concerns: of its controller, if that is
/// of this kind; of an orphan, of all whose selector matches it.
template <class T>
void for_owners(const client::Informer<T>& owners, std::string_view kind, const kube::ObjectMeta& owned,
                const std::function<void(const std::string&)>& touch) {
  if (kube::controller_of(owned) != nullptr) {
    if (const auto key = controller_key(owned, kind)) touch(*key);
    return;
  }
  for (const auto& owner : owners.in_namespace(owned.namespace_)) {
    const auto selector = kube::LabelSelector::from_json(&owner->selector);
    if (selector && selector->matches(owned.labels)) touch(key_of(owner->meta));
  }
}

/// Objects of a cache that are held while a decision looks at them.
template <class T>
class Held {
 public:
  void add(std::shared_ptr<const T> object) {
    pointers_.push_back(object.get());
    objects_.push_back(std::move(object));
  }
  void add_all(const typename client::Index<T>::Bucket& bucket) {
    for (const auto& object : bucket) add(object);
  }
  [[nodiscard]] const std::vector<const T*>& pointers() const { return pointers_; }

 private:
  std::vector<std::shared_ptr<const T>> objects_;
  std::vector<const T*> pointers_;
};

/// What an owner by selector looks at: its own, and orphans that it might adopt.
template <class T>
[[nodiscard]] Held<T> own_and_orphans(const client::Index<T>& by_owner, const kube::ObjectMeta& owner,
                                      const kube::json::object& selector) {
  Held<T> held;
  held.add_all(by_owner.at(owner.uid));
  const auto& orphans = by_owner.at(orphans_of(owner.namespace_));
  if (orphans.empty()) return held;
  const auto matcher = kube::LabelSelector::from_json(&selector);
  if (!matcher) return held;
  for (const auto& orphan : orphans)
    if (matcher->matches(orphan->meta.labels)) held.add(orphan);
  return held;
}

}  // namespace podwire::control
