#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/namespace.h"

namespace podwire::control {

/// One object that is left in the namespace.
struct Content {
  std::string resource;  ///< "pods", "deployments.apps"
  kube::ObjectMeta meta;
};

/// What the controller sees of one namespace.
struct NamespaceView {
  const kube::Namespace& ns;
  std::span<const Content* const> content;  ///< all that is left of every namespaced resource
  kube::Time now;
};

/// Empties a namespace that is being deleted, says in its conditions what remains and why, and lets it go
/// (subresource finalize) when it is empty. Does nothing while it is not being deleted.
[[nodiscard]] Actions reconcile_namespace(const NamespaceView& view);

}  // namespace podwire::control
