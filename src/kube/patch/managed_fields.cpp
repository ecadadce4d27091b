#include "kube/patch/managed_fields.h"

#include <algorithm>

#include "kube/patch/field_diff.h"
#include "kube/patch/managed_entries.h"

namespace podwire::kube {
namespace {

/// More updaters than this are counted as one, the oldest first, as in Kubernetes.
constexpr std::size_t kMostUpdaters = 10;
constexpr std::string_view kAncient = "ancient-changes";

bool is_reset(const json::object& object) {
  const auto* list = array_in(object, "metadata", "managedFields");
  if (list == nullptr) return false;
  return std::ranges::all_of(
      *list, [](const json::value& entry) { return entry.is_object() && entry.get_object().empty(); });
}

void fold_oldest(std::vector<ManagedEntry>& entries, const std::string& api_version) {
  const auto is_updater = [](const ManagedEntry& entry) {
    return entry.operation == kUpdate && entry.manager != kAncient && !entry.fields.empty();
  };
  for (auto count = static_cast<std::size_t>(std::ranges::count_if(entries, is_updater));
       count > kMostUpdaters; --count) {
    auto oldest = entries.end();
    for (auto at = entries.begin(); at != entries.end(); ++at)
      if (is_updater(*at) && (oldest == entries.end() || at->time < oldest->time)) oldest = at;
    auto old = std::move(*oldest);
    entries.erase(oldest);
    auto ancient = std::ranges::find(entries, kAncient, &ManagedEntry::manager);
    if (ancient == entries.end())
      ancient = entries.insert(
          entries.end(),
          {.manager = std::string(kAncient), .operation = std::string(kUpdate), .api_version = api_version});
    ancient->fields.unite(old.fields);
    ancient->time = std::max(ancient->time, old.time);
  }
}

/// Whose the fields are before this write: as the client says, where it says so.
std::vector<ManagedEntry> owners_before(const json::object& before, const json::object& after,
                                        const Writer& writer) {
  if (writer.subresource.empty())
    if (auto written = written_entries(after)) return std::move(*written);
  return managed_entries(before);
}

bool keeps_list(const json::object& before, const json::object& after) {
  const auto* list = array_in(after, "metadata", "managedFields");
  const auto* old = array_in(before, "metadata", "managedFields");
  return list == nullptr || (old != nullptr && *list == *old);
}

}  // namespace

void update_managed_fields(const Message& message, const json::object& before, json::object& after,
                           const Writer& writer) {
  if (!before.empty() && is_reset(after)) return set_managed_entries(after, {});
  const auto diff = diff_fields(message, before, after);
  if (diff.empty() && keeps_list(before, after)) return copy_managed_fields(before, after);

  auto entries = owners_before(before, after, writer);
  if (entries.empty() && !before.empty()) return set_managed_entries(after, {});
  auto self = ManagedEntry::of(writer, kUpdate);
  for (auto& entry : entries) {
    entry.fields.subtract_trees(diff.removed);
    if (!entry.same_writer(self)) entry.fields.subtract(diff.changed);
  }
  if (!diff.changed.empty()) {
    auto mine = std::ranges::find_if(entries, [&](const auto& entry) { return entry.same_writer(self); });
    if (mine == entries.end()) mine = entries.insert(entries.end(), self);
    mine->fields.unite(diff.changed);
    mine->time = self.time;
  }
  fold_oldest(entries, writer.api_version);
  set_managed_entries(after, std::move(entries));
}

}  // namespace podwire::kube
