#pragma once
#include "kube/types/read.h"

namespace podwire::kube {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool controller = false;
  bool block_owner_deletion = false;
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

/// What every object has.
struct ObjectMeta {
  std::string name, namespace_, generate_name, uid, resource_version;
  std::int64_t generation = 0;
  TextMap labels, annotations;
  std::vector<OwnerReference> owners;
  std::vector<std::string> finalizers;
  Time created{};
  std::optional<Time> deleted;  ///< deletionTimestamp: since when it is to go
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

/// One of the conditions of a status.
struct Condition {
  std::string type, status, reason, message;
  std::optional<Time> heartbeat, updated,
      transition;  ///< last...Time; which of them exist depends on the kind
  friend bool operator==(const Condition&, const Condition&) = default;
};

void read(const Place& place, OwnerReference& into);
void read(const Place& place, ObjectMeta& into);
void read(const Place& place, Condition& into);

/// What is empty is left out.
[[nodiscard]] json::object to_json(const OwnerReference& owner);
[[nodiscard]] json::object to_json(const ObjectMeta& meta);
[[nodiscard]] json::object to_json(const Condition& condition);
[[nodiscard]] json::array to_json(const std::vector<Condition>& conditions);

/// The one owner that manages the object, nullptr if there is none.
[[nodiscard]] const OwnerReference* controller_of(const ObjectMeta& meta);
[[nodiscard]] const Condition* find_condition(const std::vector<Condition>& conditions,
                                              std::string_view type);
/// "True" is what counts; absent, "False" and "Unknown" are all not.
[[nodiscard]] bool is_true(const std::vector<Condition>& conditions, std::string_view type);

}  // namespace podwire::kube
