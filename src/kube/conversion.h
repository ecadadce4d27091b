#pragma once
#include <string>

#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

/// Resources that are two views of the same objects. Only Events are: v1 and events.k8s.io/v1 call the same
/// things by different names. They are stored as v1.
namespace podwire::kube {

/// Whether objects of that resource are stored in another's form.
[[nodiscard]] bool is_view(const Resource& resource);
/// Under which resource its objects are stored: its own, where it is no view.
[[nodiscard]] GroupResource storage_of(const Resource& resource);

/// From a resource's own form to that in which it is stored, and back; managedFields too, so that owners keep
/// what they own in either view. What is no view stays as it is.
[[nodiscard]] json::object to_stored(const Resource& from, json::object object);
[[nodiscard]] json::object from_stored(const Resource& to, json::object object);

}  // namespace podwire::kube
