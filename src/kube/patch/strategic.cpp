#include "kube/patch/strategic.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/patch/go_text.h"
#include "kube/patch/strategic_list.h"

namespace podwire::kube {
namespace {

using strategic::kDeletePrefix;
using strategic::kDirective;
using strategic::kOrderPrefix;
using strategic::kRetainKeys;

constexpr const char* kBadRetainKeys = "invalid patch format of retainKeys";

void erase(json::object& object, std::string_view key) {
  if (const auto at = object.find(key); at != object.end()) object.stable_erase(at);
}

Answer<> retain(json::object& live, const json::object& patch) {
  const auto* directive = patch.if_contains(kRetainKeys);
  if (directive == nullptr) return {};
  const auto* keys = directive->if_array();
  if (keys == nullptr) return bad_request(kBadRetainKeys);
  json::object kept;
  for (const auto& key : *keys) {
    const auto* name = key.if_string();
    if (name == nullptr) return bad_request(kBadRetainKeys);
    if (auto* value = live.if_contains(*name)) kept[*name] = std::move(*value);
  }
  for (const auto& [key, value] : patch)
    if (!key.starts_with('$') && !value.is_null() &&
        std::ranges::find(*keys, json::value(key)) == keys->end())
      return bad_request(kBadRetainKeys);
  live = std::move(kept);
  return {};
}

/// The patched list of an order or delete directive that comes without a patch of the list itself.
std::string_view listed_by(std::string_view directive) {
  for (const auto prefix : {kOrderPrefix, kDeletePrefix})
    if (directive.starts_with(prefix)) return directive.substr(prefix.size());
  return {};
}

Answer<> patch_list(const Field* field, json::object& live, std::string_view name,
                    const json::object& patch) {
  const auto* value = patch.if_contains(name);
  const auto directive = [&](std::string_view prefix, std::string_view what) -> Answer<const json::array*> {
    const auto key = fmt::format("{}{}", prefix, name);
    const auto* found = patch.if_contains(key);
    if (found != nullptr && !found->is_array())
      return bad_request(fmt::format("invalid patch format of {} list", what));
    return found != nullptr ? &found->get_array() : nullptr;
  };
  strategic::ListPatch list{.items = value != nullptr ? value->if_array() : nullptr,
                            .order = TRY(directive(kOrderPrefix, "setElementOrder")),
                            .removed = TRY(directive(kDeletePrefix, "primitive"))};
  auto* there = live.if_contains(name);
  const auto had = there != nullptr && there->is_array();
  if (!had && list.items == nullptr) return {};
  auto old = had ? std::move(there->get_array()) : json::array();
  if (field != nullptr && !field->patch_key.empty()) {
    live[name] = TRY(strategic::merge_keyed(*field, std::move(old), list));
  } else if ((field != nullptr && field->patch_merge_set) || list.items == nullptr) {
    live[name] = TRY(strategic::merge_set(name, std::move(old), list));
  } else {
    live[name] = *list.items;
  }
  return {};
}

}  // namespace

Answer<json::object> strategic::merge(const Message* message, json::object live, const json::object& patch) {
  if (const auto* directive = patch.if_contains(kDirective)) {
    const auto* what = directive->if_string();
    if (what != nullptr && *what == "delete") return json::object();
    if (what != nullptr && *what == "replace") {
      auto out = patch;
      erase(out, kDirective);
      return out;
    }
    if (what == nullptr || *what != "merge")
      return bad_request(
          fmt::format("unknown patch type: {} in map: {}", go_text(*directive), go_text(patch)));
  }
  TRY(retain(live, patch));
  for (const auto& [key, value] : patch) {
    if (key == kDirective || key == kRetainKeys) continue;
    if (const auto name = listed_by(key); !name.empty()) {
      if (!patch.contains(name))
        TRY(patch_list(message != nullptr ? message->field(name) : nullptr, live, name, patch));
      continue;
    }
    const auto* field = message != nullptr ? message->field(key) : nullptr;
    if (value.is_null()) {
      erase(live, key);
    } else if (const auto* object = value.if_object()) {
      const auto* inner =
          field != nullptr && field->type.shape == Type::Shape::one ? field->type.message : nullptr;
      if (field != nullptr && field->type.shape == Type::Shape::list)
        return bad_request(fmt::format("{} is a list, the patch has an object", key));
      auto& there = live[key];
      auto old = there.is_object() ? std::move(there.get_object()) : json::object();
      there = TRY(merge(inner, std::move(old), *object));
    } else if (value.is_array()) {
      TRY(patch_list(field, live, key, patch));
    } else {
      if (field != nullptr && !field->patch_key.empty())
        return bad_request(fmt::format("{} is a list, the patch has another value", key));
      live[key] = value;
    }
  }
  return live;
}

Answer<json::object> apply_strategic_patch(const Message& message, json::object live,
                                           const json::object& patch) {
  return strategic::merge(&message, std::move(live), patch);
}

}  // namespace podwire::kube
