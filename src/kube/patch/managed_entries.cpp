#include "kube/patch/managed_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace podwire::kube {
namespace {

constexpr std::string_view kList = "managedFields";

std::string rfc3339(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

json::object to_json(const ManagedEntry& entry) {
  json::object out;
  out["manager"] = entry.manager;
  out["operation"] = entry.operation;
  out["apiVersion"] = entry.api_version;
  if (!entry.time.empty()) out["time"] = entry.time;
  out["fieldsType"] = "FieldsV1";
  out["fieldsV1"] = entry.fields.to_json();
  if (!entry.subresource.empty()) out["subresource"] = entry.subresource;
  return out;
}

bool is_fields(const json::object& fields) {
  return std::ranges::all_of(fields, [](const auto& field) {
    const std::string_view element = field.key();
    const auto* below = field.value().if_object();
    const auto known = element == "." || element.starts_with("f:") || element.starts_with("k:{") ||
                       element.starts_with("v:") || element.starts_with("i:");
    return known && below != nullptr && is_fields(*below);
  });
}

bool is_sound(const json::value& entry) {
  const auto* object = entry.if_object();
  if (object == nullptr || text_in(*object, "fieldsType") != "FieldsV1") return false;
  const auto operation = text_in(*object, "operation");
  const auto* fields = object_in(*object, "fieldsV1");
  return (operation == kUpdate || operation == kApply) && !text_in(*object, "manager").empty() &&
         fields != nullptr && is_fields(*fields);
}

void forget(json::object& object) {
  if (auto* meta = object.if_contains("metadata"); meta != nullptr && meta->is_object())
    meta->get_object().erase(kList);
}

}  // namespace

ManagedEntry ManagedEntry::of(const Writer& writer, std::string_view operation) {
  return {.manager = writer.manager.empty() ? "unknown" : writer.manager,
          .operation = std::string(operation),
          .subresource = writer.subresource,
          .api_version = writer.api_version,
          .time = rfc3339(writer.now)};
}

bool ManagedEntry::same_writer(const ManagedEntry& other) const {
  return manager == other.manager && operation == other.operation && subresource == other.subresource &&
         (operation == kApply || api_version == other.api_version);
}

std::vector<ManagedEntry> managed_entries(const json::object& object) {
  std::vector<ManagedEntry> out;
  const auto* list = array_in(object, "metadata", kList);
  if (list == nullptr) return out;
  out.reserve(list->size());
  for (const auto& item : *list) {
    const auto* entry = item.if_object();
    const auto* fields = entry != nullptr ? object_in(*entry, "fieldsV1") : nullptr;
    if (fields == nullptr) continue;
    out.push_back({.manager = std::string(text_in(*entry, "manager")),
                   .operation = std::string(text_in(*entry, "operation")),
                   .subresource = std::string(text_in(*entry, "subresource")),
                   .api_version = std::string(text_in(*entry, "apiVersion")),
                   .time = std::string(text_in(*entry, "time")),
                   .fields = FieldSet::from_json(*fields)});
  }
  return out;
}

std::optional<std::vector<ManagedEntry>> written_entries(const json::object& object) {
  const auto* list = array_in(object, "metadata", kList);
  if (list == nullptr || list->empty() || !std::ranges::all_of(*list, is_sound)) return std::nullopt;
  return managed_entries(object);
}

void set_managed_entries(json::object& object, std::vector<ManagedEntry> entries) {
  std::erase_if(entries, [](const ManagedEntry& entry) { return entry.fields.empty(); });
  std::ranges::sort(entries, {}, [](const ManagedEntry& entry) {
    return std::tie(entry.operation, entry.time, entry.manager, entry.api_version, entry.subresource);
  });
  if (entries.empty()) return forget(object);
  json::array list;
  list.reserve(entries.size());
  for (const auto& entry : entries) list.push_back(to_json(entry));
  object_at(object, "metadata")[kList] = std::move(list);
}

void copy_managed_fields(const json::object& from, json::object& to) {
  if (const auto* list = array_in(from, "metadata", kList))
    object_at(to, "metadata")[kList] = *list;
  else
    forget(to);
}

}  // namespace podwire::kube
