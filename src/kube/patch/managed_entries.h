#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kube/patch/field_set.h"
#include "kube/patch/managed_fields.h"

namespace podwire::kube {

inline constexpr std::string_view kUpdate = "Update";
inline constexpr std::string_view kApply = "Apply";

/// One entry of metadata.managedFields: the fields that one manager set in one way.
struct ManagedEntry {
  std::string manager, operation, subresource, api_version, time;
  FieldSet fields;

  [[nodiscard]] static ManagedEntry of(const Writer& writer, std::string_view operation);
  /// Whether `other` is written by the same manager in the same way; the version counts for updates only.
  [[nodiscard]] bool same_writer(const ManagedEntry& other) const;
};

/// Those of an object; none where it has none.
[[nodiscard]] std::vector<ManagedEntry> managed_entries(const json::object& object);
/// Those that a client writes itself, as kubectl does when it moves an object to server-side apply; nothing
/// where there is no list, or one that is not sound.
[[nodiscard]] std::optional<std::vector<ManagedEntry>> written_entries(const json::object& object);
/// Puts them in the one order (applied first, then by time), without those that own nothing; nobody at all
/// leaves no list.
void set_managed_entries(json::object& object, std::vector<ManagedEntry> entries);
/// Copies the list as it is, or takes it out where `from` has none.
void copy_managed_fields(const json::object& from, json::object& to);

}  // namespace podwire::kube
