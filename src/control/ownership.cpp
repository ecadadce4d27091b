#include "control/ownership.h"

#include <utility>

namespace podwire::control {

kube::OwnerReference controller_reference(std::string api_version, std::string kind,
                                          const kube::ObjectMeta& owner) {
  return {.api_version = std::move(api_version),
          .kind = std::move(kind),
          .name = owner.name,
          .uid = owner.uid,
          .controller = true,
          .block_owner_deletion = true};
}

namespace {

Patch owners_patch(const Claimant& by, const kube::ObjectMeta& object, bool adopted) {
  auto merge = patch_of(object);
  auto& metadata = merge["metadata"].get_object();
  metadata["uid"] = object.uid;
  auto& owners = metadata["ownerReferences"].emplace_array();
  for (const auto& owner : object.owners)
    if (owner.uid != by.reference.uid) owners.emplace_back(kube::to_json(owner));
  if (adopted) owners.emplace_back(kube::to_json(by.reference));
  return {by.resource, object.namespace_, object.name, "", std::move(merge)};
}

}  // namespace

bool claim(const Claimant& by, const kube::ObjectMeta& object, bool adoptable, Actions& actions) {
  const bool matches = by.selector.matches(object.labels);
  if (const auto* controller = kube::controller_of(object)) {
    if (controller->uid != by.reference.uid) return false;
    if (!matches && !by.going) actions.emplace_back(owners_patch(by, object, false));
    return matches;
  }
  if (!matches || !adoptable || by.going || object.deleted) return false;
  actions.emplace_back(owners_patch(by, object, true));
  return true;
}

}  // namespace podwire::control
