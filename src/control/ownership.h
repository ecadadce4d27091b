#pragma once
#include <optional>

#include "control/action.h"
#include "kube/rules/label_selector.h"

namespace podwire::control {

/// Who controls objects by a selector: a ReplicaSet its pods, a Deployment its ReplicaSets.
struct Claimant {
  std::string resource;  ///< of what is claimed: "pods"
  kube::OwnerReference reference;
  kube::LabelSelector selector;
  bool going = false;  ///< it is being deleted: nothing is adopted or released any more
};

/// The controller reference of an object of that kind.
[[nodiscard]] kube::OwnerReference controller_reference(std::string api_version, std::string kind,
                                                        const kube::ObjectMeta& owner);

/// Whether the object belongs to the claimant. An orphan that the selector matches is adopted (where
/// `adoptable`), an own object that it no longer matches is released: `actions` gets the patch.
[[nodiscard]] bool claim(const Claimant& by, const kube::ObjectMeta& object, bool adoptable,
                         Actions& actions);

}  // namespace podwire::control
