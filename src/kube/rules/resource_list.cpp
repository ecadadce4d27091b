#include "kube/rules/resource_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "kube/quantity.h"
#include "kube/rules/names.h"

namespace podwire::kube {
namespace {

constexpr std::array<std::string_view, 3> kContainerResources{"cpu", "memory", "ephemeral-storage"};
constexpr std::array<std::string_view, 18> kStandardResources{"cpu",
                                                              "memory",
                                                              "ephemeral-storage",
                                                              "requests.cpu",
                                                              "requests.memory",
                                                              "requests.ephemeral-storage",
                                                              "limits.cpu",
                                                              "limits.memory",
                                                              "limits.ephemeral-storage",
                                                              "pods",
                                                              "resourcequotas",
                                                              "services",
                                                              "replicationcontrollers",
                                                              "secrets",
                                                              "persistentvolumeclaims",
                                                              "configmaps",
                                                              "requests.storage",
                                                              "storage"};
constexpr std::string_view kHugePages = "hugepages-";

std::optional<Quantity> amount_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  std::string text;
  if (value->is_string())
    text = value->get_string();
  else if (value->is_int64())
    text = fmt::format("{}", value->get_int64());
  else
    return std::nullopt;
  auto parsed = Quantity::parse(text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

/// Resources that are not shared: a device, a huge page. Their request is their limit.
bool can_overcommit(std::string_view name) {
  const auto slash = name.find('/');
  const bool native = slash == std::string_view::npos || name.substr(0, slash).ends_with("kubernetes.io");
  return native && !name.starts_with(kHugePages);
}

bool comes_in_pieces(std::string_view name) {
  return name == "pods" || name == "services" || name == "secrets" || name == "configmaps" ||
         (name.contains('/') && !can_overcommit(name));
}

void check_name(const FieldCursor& field, std::string_view name) {
  if (const auto complaints = qualified_name(name); !complaints.empty())
    return check(field, name, complaints);
  if (name.contains('/') || name.starts_with(kHugePages)) return;
  if (std::ranges::find(kStandardResources, name) == kStandardResources.end())
    field.invalid(quoted(name), "must be a standard resource type or fully qualified");
  if (std::ranges::find(kContainerResources, name) == kContainerResources.end())
    field.invalid(quoted(name), "must be a standard resource for containers");
}

void check_amount(std::string_view name, const FieldCursor& entry) {
  const auto amount = amount_of(entry.value());
  if (!amount) return entry.invalid("must be a valid resource quantity");
  if (*amount < Quantity()) entry.invalid(quoted(amount->str()), "must be greater than or equal to 0");
  if (comes_in_pieces(name) && !amount->is_integer())
    entry.invalid(quoted(amount->str()), "must be an integer");
}

}  // namespace

void canonicalize_amounts(json::object& list) {
  for (auto& entry : list)
    if (const auto amount = amount_of(&entry.value())) entry.value() = amount->to_milli().str();
}

void canonicalize_resources(json::object& owner) {
  auto* resources = owner.if_contains("resources");
  if (resources == nullptr || !resources->is_object()) return;
  for (const std::string_view part : {"limits", "requests"})
    if (auto* value = resources->get_object().if_contains(part); value != nullptr && value->is_object())
      canonicalize_amounts(value->get_object());
}

void fill_requests(json::object& owner) {
  const auto* limits = object_in(owner, "resources", "limits");
  if (limits == nullptr || limits->empty()) return;
  const json::object copy = *limits;  // the insertion below may move it
  auto& requests = object_at(owner.at("resources").get_object(), "requests");
  for (const auto& limit : copy) requests.emplace(limit.key(), limit.value());
}

void check_amounts(const FieldCursor& list) { list.each_entry(check_amount); }

void check_resources(const FieldCursor& resources) {
  const auto limits = resources["limits"], requests = resources["requests"];
  limits.each_entry([](std::string_view name, const FieldCursor& entry) {
    check_name(entry, name);
    check_amount(name, entry);
  });
  requests.each_entry([&](std::string_view name, const FieldCursor& entry) {
    check_name(entry, name);
    check_amount(name, entry);
    const auto limit = amount_of(limits[name].value());
    const auto request = amount_of(entry.value());
    if (!limit) {
      if (!can_overcommit(name)) limits.required("Limit must be set for non overcommitable resources");
    } else if (request && !can_overcommit(name) && *request != *limit) {
      requests.invalid(quoted(request->str()),
                       fmt::format("must be equal to {} limit of {}", name, limit->str()));
    } else if (request && *request > *limit) {
      requests.invalid(quoted(request->str()),
                       fmt::format("must be less than or equal to {} limit of {}", name, limit->str()));
    }
  });
}

}  // namespace podwire::kube
