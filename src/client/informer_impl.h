#pragma once
// The templates of informer.h.
#include "base/log.h"
#include "client/informer.h"

namespace podwire::client {

namespace detail {

struct Identity {
  std::string namespace_, name, revision;
};
[[nodiscard]] inline Identity identity_of(const json::object& object) {
  return {std::string(kube::text_in(object, "metadata", "namespace")),
          std::string(kube::text_in(object, "metadata", "name")),
          std::string(kube::text_in(object, "metadata", "resourceVersion"))};
}

}  // namespace detail

template <class T>
auto Informer<T>::find(std::string_view ns, std::string_view name) const -> Ptr {
  const auto at = objects_.find(Key(ns, name));
  return at != objects_.end() ? at->second : nullptr;
}

template <class T>
auto Informer<T>::in_namespace(std::string_view ns) const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  for (auto at = objects_.lower_bound(Key(ns, "")); at != objects_.end() && at->first.first == ns; ++at)
    out.push_back(at->second);
  return out;
}

template <class T>
auto Informer<T>::read_object(const Key& key, const std::string& revision, json::object object) -> Ptr {
  auto typed = kube::typed_from<T>(json::value(std::move(object)));
  if (typed) {
    refused_.erase(key);
    return std::make_shared<const T>(std::move(*typed));
  }
  auto& said = refused_[key];
  if (std::exchange(said, revision) != revision)
    log::warn("an object cannot be read and is left out", {{"resource", resource_},
                                                           {"namespace", key.first},
                                                           {"name", key.second},
                                                           {"revision", revision},
                                                           {"why", typed.error().message()}});
  return nullptr;
}

template <class T>
void Informer<T>::tell(const Ptr& before, const Ptr& after) {
  if (before == after) return;
  const bool another = before && after && before->meta.uid != after->meta.uid;
  for (const auto& handler : handlers_) handler(before, another ? nullptr : after);
  if (!another) return;
  for (const auto& handler : handlers_) handler(nullptr, after);
}

template <class T>
void Informer<T>::progress() {
  for (const auto& handler : progress_) handler();
}

template <class T>
void Informer<T>::listing() {
  listed_.clear();
}

template <class T>
void Informer<T>::listed(json::object object) {
  auto [ns, name, revision] = detail::identity_of(object);
  const Key key(std::move(ns), std::move(name));
  const auto known = objects_.find(key);
  const bool same = known != objects_.end() && known->second->meta.resource_version == revision;
  listed_[key] = same ? known->second : read_object(key, revision, std::move(object));
}

template <class T>
void Informer<T>::replaced(std::uint64_t revision) {
  std::erase_if(refused_, [this](const auto& entry) { return !listed_.contains(entry.first); });
  std::erase_if(listed_, [](const auto& entry) { return entry.second == nullptr; });
  const auto before = std::exchange(objects_, std::exchange(listed_, {}));
  seen_ = revision;
  synced_ = true;
  auto old = before.begin();
  for (const auto& [key, object] : objects_) {
    for (; old != before.end() && old->first < key; ++old) tell(old->second, nullptr);
    if (old != before.end() && old->first == key)
      tell((old++)->second, object);
    else
      tell(nullptr, object);
  }
  for (; old != before.end(); ++old) tell(old->second, nullptr);
  progress();
}

template <class T>
void Informer<T>::changed(json::object object, std::uint64_t revision) {
  auto [ns, name, own_revision] = detail::identity_of(object);
  const Key key(std::move(ns), std::move(name));
  seen_ = revision;
  Ptr before = find(key.first, key.second);
  if (!before || before->meta.resource_version != own_revision) {
    const Ptr after = read_object(key, own_revision, std::move(object));
    if (after)
      objects_[key] = after;
    else
      objects_.erase(key);
    tell(before, after);
  }
  progress();
}

template <class T>
void Informer<T>::removed(json::object object, std::uint64_t revision) {
  auto [ns, name, own_revision] = detail::identity_of(object);
  const Key key(std::move(ns), std::move(name));
  seen_ = revision;
  refused_.erase(key);
  if (auto node = objects_.extract(key)) tell(node.mapped(), nullptr);
  progress();
}

template <class T>
void Informer<T>::bookmark(std::uint64_t revision) {
  seen_ = revision;
  progress();
}

}  // namespace podwire::client
