#pragma once
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "control/action.h"
#include "control/merge_testing.h"

/// A cluster as small as controllers need it: objects by resource, namespace and name, and what actions do to
/// them. Refuses what the API would refuse, by failing the test.
namespace podwire::control::testing {

class World {
 public:
  using Key = std::tuple<std::string, std::string, std::string>;

  kube::Time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

  void put(std::string_view resource, json::object object) {
    auto& metadata = kube::object_at(object, "metadata");
    if (!metadata.contains("name"))
      metadata["name"] =
          std::string(kube::text_in(metadata, "generateName")) + "x" + std::to_string(++count_);
    if (!metadata.contains("uid")) metadata["uid"] = "uid-" + std::to_string(++count_);
    if (!metadata.contains("creationTimestamp")) metadata["creationTimestamp"] = kube::time_text(now);
    metadata["resourceVersion"] = std::to_string(++count_);
    const Key key(resource, kube::text_in(metadata, "namespace"), kube::text_in(metadata, "name"));
    objects_[key] = std::move(object);
  }

  json::object& at(std::string_view resource, std::string_view namespace_, std::string_view name) {
    return objects_.at(Key(resource, namespace_, name));
  }
  void erase(std::string_view resource, std::string_view namespace_, std::string_view name) {
    objects_.erase(Key(resource, namespace_, name));
  }

  template <class T>
  std::vector<T> all(std::string_view resource) const {
    std::vector<T> found;
    for (const auto& [key, object] : objects_) {
      if (std::get<0>(key) != resource) continue;
      auto typed = kube::typed_from<T>(object);
      EXPECT_TRUE(typed) << typed.error().message();
      found.push_back(std::move(*typed));
    }
    return found;
  }
  std::vector<Key> keys(std::string_view resource) const {
    std::vector<Key> found;
    for (const auto& [key, object] : objects_)
      if (std::get<0>(key) == resource) found.push_back(key);
    return found;
  }

  void apply(const Actions& actions) {
    for (const auto& action : actions) std::visit([this](const auto& a) { perform(a); }, action);
  }

  int writes = 0;  ///< so far, without events
  std::vector<Record> records;

 private:
  void perform(const Create& create) {
    ++writes;
    if (create.subresource == "binding") {
      auto& spec = kube::object_at(at(create.resource, create.namespace_, create.name), "spec");
      EXPECT_TRUE(kube::text_in(spec, "nodeName").empty()) << create.name << " is bound already";
      spec["nodeName"] = kube::text_in(create.object, "target", "name");
    } else {
      put(create.resource, create.object);
    }
    if (create.record) records.push_back(*create.record);
  }

  void perform(const Patch& patch) {
    ++writes;
    const Key key(patch.resource, patch.namespace_, patch.name);
    ASSERT_TRUE(objects_.contains(key)) << patch.resource << " " << patch.name;
    auto& object = objects_[key];
    const auto seen = kube::text_in(patch.merge, "metadata", "resourceVersion");
    if (!seen.empty() && seen != kube::text_in(object, "metadata", "resourceVersion")) return;  // 409
    json::value merged(object);
    merge(merged, patch.merge);
    object = merged.get_object();
    auto& metadata = object["metadata"].get_object();
    metadata["resourceVersion"] = std::to_string(++count_);
    const auto* left = metadata.if_contains("finalizers");
    const bool held = left != nullptr && left->is_array() && !left->get_array().empty();
    if (metadata.contains("deletionTimestamp") && !held && patch.resource != "pods") objects_.erase(key);
  }

  void perform(const Delete& gone) {
    ++writes;
    const Key key(gone.resource, gone.namespace_, gone.name);
    ASSERT_TRUE(objects_.contains(key)) << gone.resource << " " << gone.name;
    auto& metadata = objects_[key]["metadata"].get_object();
    ASSERT_EQ(kube::text_in(metadata, "uid"), gone.uid);
    const auto* finalizers = metadata.if_contains("finalizers");
    if (finalizers != nullptr && !finalizers->get_array().empty()) {
      metadata["deletionTimestamp"] = kube::time_text(now);
    } else {
      objects_.erase(key);
    }
  }

  void perform(const Record& record) { records.push_back(record); }

  std::map<Key, json::object> objects_;
  int count_ = 0;
};

template <class T>
std::vector<const T*> pointers(const std::vector<T>& values) {
  std::vector<const T*> out;
  for (const auto& value : values) out.push_back(&value);
  return out;
}

template <class A>
std::vector<A> only(const Actions& actions) {
  std::vector<A> out;
  for (const auto& action : actions)
    if (const auto* one = std::get_if<A>(&action)) out.push_back(*one);
  return out;
}

}  // namespace podwire::control::testing
