#include "kube/patch/merge_patch.h"

namespace podwire::kube {

void apply_merge_patch(json::value& target, const json::value& patch) {
  const auto* members = patch.if_object();
  if (members == nullptr) {
    target = patch;
    return;
  }
  auto& object = target.is_object() ? target.get_object() : target.emplace_object();
  for (const auto& [key, value] : *members) {
    if (value.is_null()) {
      if (const auto at = object.find(key); at != object.end()) object.stable_erase(at);
    } else {
      apply_merge_patch(object[key], value);
    }
  }
}

}  // namespace podwire::kube
