#include "kube/conversion.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace podwire::kube {
namespace {

struct Names {
  std::string_view core, events;
};

/// The fields of an Event whose names differ; all others are called the same.
constexpr std::array kEventFields{
    Names{"involvedObject", "regarding"},
    Names{"message", "note"},
    Names{"reportingComponent", "reportingController"},
    Names{"source", "deprecatedSource"},
    Names{"firstTimestamp", "deprecatedFirstTimestamp"},
    Names{"lastTimestamp", "deprecatedLastTimestamp"},
    Names{"count", "deprecatedCount"},
};

using Name = std::string_view Names::*;

/// Keys by their other names; `prefix` stands before each ("f:" in sets of fields).
void rename(json::object& object, Name from, Name to, std::string_view prefix) {
  for (const auto& names : kEventFields) {
    const auto old = std::string(prefix).append(names.*from);
    auto* found = object.if_contains(old);
    if (found == nullptr) continue;
    auto value = std::move(*found);
    object.erase(old);
    object[std::string(prefix).append(names.*to)] = std::move(value);
  }
}

json::object converted(json::object object, Name from, Name to, std::string_view api_version) {
  rename(object, from, to, "");
  object["apiVersion"] = api_version;
  auto* meta = object.if_contains("metadata");
  auto* owners =
      meta != nullptr && meta->is_object() ? meta->get_object().if_contains("managedFields") : nullptr;
  if (owners == nullptr || !owners->is_array()) return object;
  for (auto& item : owners->get_array()) {
    auto* entry = item.if_object();
    if (entry == nullptr || !entry->contains("apiVersion")) continue;
    (*entry)["apiVersion"] = api_version;
    if (auto* fields = entry->if_contains("fieldsV1"); fields != nullptr && fields->is_object())
      rename(fields->get_object(), from, to, "f:");
  }
  return object;
}

}  // namespace

bool is_view(const Resource& resource) {
  return resource.group == "events.k8s.io" && resource.plural == "events";
}

GroupResource storage_of(const Resource& resource) {
  return {is_view(resource) ? std::string() : resource.group, resource.plural};
}

json::object to_stored(const Resource& from, json::object object) {
  if (!is_view(from)) return object;
  return converted(std::move(object), &Names::events, &Names::core, "v1");
}

json::object from_stored(const Resource& to, json::object object) {
  if (!is_view(to)) return object;
  return converted(std::move(object), &Names::core, &Names::events, "events.k8s.io/v1");
}

}  // namespace podwire::kube
