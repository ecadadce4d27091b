#include "kube/patch/apply.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/patch/apply_merge.h"
#include "kube/patch/field_diff.h"
#include "kube/patch/last_applied.h"
#include "kube/patch/managed_entries.h"

namespace podwire::kube {
namespace {

/// Owns what was there before anybody's fields were written down, as in Kubernetes.
constexpr std::string_view kBeforeFirst = "before-first-apply";

struct Conflict {
  std::string owner;  ///< as the messages name it
  std::string path;

  friend auto operator<=>(const Conflict&, const Conflict&) = default;
};

std::string name_of(const ManagedEntry& entry) {
  auto out = fmt::format("\"{}\"", entry.manager);
  if (!entry.subresource.empty()) out += fmt::format(" with subresource \"{}\"", entry.subresource);
  if (entry.operation == kUpdate) out += fmt::format(" using {}", entry.api_version);
  return out;
}

std::string message_of(const std::vector<Conflict>& conflicts) {
  if (conflicts.size() == 1)
    return fmt::format("Apply failed with 1 conflict: conflict with {}: {}", conflicts.front().owner,
                       conflicts.front().path);
  auto out = fmt::format("Apply failed with {} conflicts:", conflicts.size());
  const std::string* owner = nullptr;
  for (const auto& conflict : conflicts) {
    if (owner == nullptr || *owner != conflict.owner)
      out += fmt::format("{}conflicts with {}:", owner == nullptr ? " " : "\n", conflict.owner);
    out += fmt::format("\n- {}", conflict.path);
    owner = &conflict.owner;
  }
  return out;
}

Status refusal(std::vector<Conflict> conflicts) {
  std::ranges::sort(conflicts);
  Status out{.code = 409, .reason = "Conflict", .message = message_of(conflicts)};
  for (auto& conflict : conflicts)
    out.causes.push_back({.reason = "FieldManagerConflict",
                          .message = fmt::format("conflict with {}", conflict.owner),
                          .field = std::move(conflict.path)});
  return out;
}

/// Those of all others in the way of `changed`.
std::vector<Conflict> conflicts_of(const std::vector<ManagedEntry>& others, const FieldSet& changed) {
  std::vector<Conflict> out;
  for (const auto& other : others)
    for (auto& path : other.fields.intersection(changed).paths())
      out.push_back({name_of(other), std::move(path)});
  return out;
}

void prune(const Message& message, json::value& object, const FieldSet& last, const FieldSet& now,
           const std::vector<ManagedEntry>& others) {
  std::vector<const FieldSet*> keepers{&now};
  for (const auto& other : others) keepers.push_back(&other.fields);
  prune_fields(TypedNode::root(message), object, last, keepers);
}

/// Takes this manager's entry out of `entries`.
ManagedEntry take_own(std::vector<ManagedEntry>& entries, const ManagedEntry& self) {
  const auto found =
      std::ranges::find_if(entries, [&](const auto& entry) { return entry.same_writer(self); });
  if (found == entries.end()) return {};
  auto out = std::move(*found);
  entries.erase(found);
  return out;
}

/// May `writer` change `changed`, of which `others` own some?
Answer<> check_owners(const Message& message, const json::object& live, const Writer& writer,
                      const std::vector<ManagedEntry>& others, FieldSet changed) {
  auto conflicts = conflicts_of(others, changed);
  if (!conflicts.empty() && writer.manager == kKubectl) {
    changed.subtract(client_side_fields(message, live));
    conflicts = conflicts_of(others, changed);
  }
  if (!conflicts.empty()) return std::unexpected(refusal(std::move(conflicts)));
  return {};
}

Answer<json::object> merged_with(const Message& message, const json::object* live,
                                 const json::object& config) {
  json::value out = live != nullptr ? *live : json::object();
  if (auto merged = merge_config(TypedNode::root(message), out, config, ""); !merged) {
    auto& status = merged.error();
    const auto version = text_in(config, "apiVersion");
    status.message =
        fmt::format("failed to create typed patch object ({}/{}; {}{}, Kind={}): {}",
                    text_in(config, "metadata", "namespace"), text_in(config, "metadata", "name"),
                    version.contains('/') ? "" : "/", version, text_in(config, "kind"), status.message);
    return std::unexpected(std::move(status));
  }
  return std::move(out.get_object());
}

Answer<json::object> apply_fields(const Message& message, const json::object* live,
                                  const json::object& config, const Writer& writer, bool force) {
  json::value merged = TRY(merged_with(message, live, config));
  auto& object = merged.get_object();
  auto self = ManagedEntry::of(writer, kApply);
  self.fields = fields_of(message, config);
  if (live == nullptr) {
    set_managed_entries(object, {std::move(self)});
    return std::move(object);
  }

  auto others = managed_entries(*live);
  if (others.empty()) {
    auto first = ManagedEntry::of(writer, kUpdate);
    first.manager = kBeforeFirst;
    first.subresource.clear();
    first.fields = diff_fields(message, {}, *live).changed;
    others.push_back(std::move(first));
  }
  const auto last = take_own(others, self);
  prune(message, merged, last.fields, self.fields, others);
  const auto diff = diff_fields(message, *live, object);
  if (diff.empty() && last.fields == self.fields) {
    copy_managed_fields(*live, object);
    return std::move(object);
  }
  if (!force) TRY(check_owners(message, *live, writer, others, diff.changed));
  for (auto& other : others) {
    other.fields.subtract_trees(diff.removed);
    other.fields.subtract(diff.changed);
  }
  others.push_back(std::move(self));
  set_managed_entries(object, std::move(others));
  return std::move(object);
}

}  // namespace

Answer<json::object> apply_config(const Message& message, const json::object* live,
                                  const json::object& config, const Writer& writer, bool force) {
  if (writer.manager.empty()) return bad_request("fieldManager is required for apply patch");
  if (const auto* given = in(config, "metadata", "managedFields");
      given != nullptr && !given->is_null() && !(given->is_array() && given->get_array().empty()))
    return bad_request("metadata.managedFields must be nil");
  auto out = TRY(apply_fields(message, live, config, writer, force));
  if (writer.manager == kKubectl) note_last_applied(out, config);
  return out;
}

}  // namespace podwire::kube
