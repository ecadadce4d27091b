// Once made, a pod runs as it was made: only images, deadlines and tolerations may change.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kMayChange =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Fields for which false, zero and absent are one.
constexpr std::array<std::string_view, 9> kZeroIsAbsent{"hostNetwork", "hostPID",   "hostIPC",
                                                        "stdin",       "stdinOnce", "tty",
                                                        "readOnly",    "hostPort",  "initialDelaySeconds"};

bool is_zero(std::string_view key, const json::value& value) {
  if (std::ranges::find(kZeroIsAbsent, key) == kZeroIsAbsent.end()) return false;
  return value == json::value(false) || value == json::value(0);
}

bool equal(const json::value& a, const json::value& b);

bool each_in(const json::object& a, const json::object& b) {
  return std::ranges::all_of(a, [&](const auto& entry) {
    const auto* other = b.if_contains(entry.key());
    if (other != nullptr && !other->is_null())
      return equal(entry.value(), *other) || is_zero(entry.key(), *other);
    return same(&entry.value(), nullptr) || is_zero(entry.key(), entry.value());
  });
}

/// Equal but for what counts as absent, at any depth.
bool equal(const json::value& a, const json::value& b) {
  if (a.is_object() && b.is_object())
    return each_in(a.get_object(), b.get_object()) && each_in(b.get_object(), a.get_object());
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), equal);
  return same(&a, &b);
}

/// False: they cannot be compared one by one, and that is said.
bool check_containers_stay(const FieldCursor& containers, const json::array* before) {
  const auto old_size = before != nullptr ? before->size() : 0;
  if (containers.size() != old_size) {
    containers.forbidden("pod updates may not add or remove containers");
    return false;
  }
  return true;
}

void check_deadline(const FieldCursor& deadline, const json::value* before) {
  const auto* old = before != nullptr ? before->if_int64() : nullptr;
  if (!deadline.present()) {
    if (old != nullptr) deadline.invalid("null", "must not update from a positive integer to nil value");
  } else if (old != nullptr && *old < deadline.number()) {
    deadline.invalid("must be less than or equal to previous value");
  }
}

bool tolerates_still(const json::object& old, const FieldCursor& tolerations) {
  const auto* list = tolerations.array();
  return list != nullptr && std::ranges::any_of(*list, [&](const json::value& item) {
           if (!item.is_object()) return false;
           json::object now = item.get_object(), was = old;
           now.erase("tolerationSeconds");
           was.erase("tolerationSeconds");
           return equal(now, was);
         });
}

void check_tolerations_grow(const FieldCursor& tolerations, const json::array* before) {
  if (before == nullptr) return;
  for (const auto& old : *before)
    if (old.is_object() && !tolerates_still(old.get_object(), tolerations))
      return tolerations.forbidden("existing toleration can not be modified except its tolerationSeconds");
}

void check_gates_shrink(const FieldCursor& gates, const json::array* before) {
  gates.each([&](const FieldCursor& gate) {
    const bool known = before != nullptr && std::ranges::any_of(*before, [&](const json::value& old) {
                         return old.is_object() && text_in(old.get_object(), "name") == gate["name"].text();
                       });
    if (!known)
      gate["name"].forbidden(
          fmt::format("only deletion is allowed, but found new scheduling gate '{}'", gate["name"].text()));
  });
}

void copy_images(json::object& spec, const json::object& old, std::string_view key) {
  auto* now = spec.if_contains(key);
  const auto* before = array_in(old, key);
  if (now == nullptr || !now->is_array() || before == nullptr) return;
  for (std::size_t i = 0; i < std::min(before->size(), now->get_array().size()); ++i)
    if (now->at(i).is_object() && (*before)[i].is_object())
      now->at(i).get_object()["image"] = text_in((*before)[i].get_object(), "image");
}

/// The new spec as it would be without the changes that are allowed.
json::object without_allowed_changes(const json::object& spec, const json::object& old) {
  json::object out = spec;
  copy_images(out, old, "containers");
  copy_images(out, old, "initContainers");
  const auto keep = [&](std::string_view key) {
    if (const auto* value = old.if_contains(key))
      out[key] = *value;
    else
      out.erase(key);
  };
  for (const std::string_view key : {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) keep(key);
  const auto* gates = array_in(old, "schedulingGates");
  if (gates != nullptr && !gates->empty()) keep("nodeSelector");  // a gated pod may still be narrowed down
  const auto* grace = old.if_contains("terminationGracePeriodSeconds");
  if (grace != nullptr && grace->is_int64() && grace->get_int64() < 0 &&
      out["terminationGracePeriodSeconds"] == json::value(1))
    keep("terminationGracePeriodSeconds");
  return out;
}

/// One line for each field of the spec that differs, before and after.
std::string difference(const json::object& old, const json::object& now) {
  std::string out;
  const auto line = [&](char sign, std::string_view key, const json::value* value) {
    if (!same(value, nullptr)) out += fmt::format("\n{} {}: {}", sign, key, json::serialize(*value));
  };
  const auto report = [&](std::string_view key) {
    line('-', key, old.if_contains(key));
    line('+', key, now.if_contains(key));
  };
  static const json::value kNothing;
  const auto differs = [&](std::string_view key) {
    const auto* a = old.if_contains(key);
    const auto* b = now.if_contains(key);
    const json::object x{{key, a != nullptr ? *a : kNothing}}, y{{key, b != nullptr ? *b : kNothing}};
    return !equal(x, y);
  };
  for (const auto& entry : old)
    if (differs(entry.key())) report(entry.key());
  for (const auto& entry : now)
    if (!old.contains(entry.key()) && differs(entry.key())) report(entry.key());
  return out;
}

}  // namespace

void check_pod_changes(const FieldCursor& object, const json::object& old) {
  const auto spec = object["spec"];
  const auto* before = object_in(old, "spec");
  if (before == nullptr || spec.object() == nullptr) return;
  if (!check_containers_stay(spec["containers"], array_in(*before, "containers")) ||
      !check_containers_stay(spec["initContainers"], array_in(*before, "initContainers")))
    return;
  check_deadline(spec["activeDeadlineSeconds"], before->if_contains("activeDeadlineSeconds"));
  check_tolerations_grow(spec["tolerations"], array_in(*before, "tolerations"));
  check_gates_shrink(spec["schedulingGates"], array_in(*before, "schedulingGates"));
  if (*spec.object() == *before) return;
  const auto changed = without_allowed_changes(*spec.object(), *before);
  if (!equal(changed, *before)) spec.forbidden(fmt::format("{}{}", kMayChange, difference(*before, changed)));
}

}  // namespace podwire::kube
