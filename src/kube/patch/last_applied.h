#pragma once
#include <string_view>

#include "kube/patch/field_set.h"
#include "kube/schema.h"

/// What `kubectl apply` without --server-side notes in an annotation, so that objects can move to server-side
/// apply.
namespace podwire::kube {

/// Only this manager moves objects over, as in Kubernetes.
inline constexpr std::string_view kKubectl = "kubectl";

/// The fields that client-side apply set and that still have the value it gave them; none where it never
/// was.
[[nodiscard]] FieldSet client_side_fields(const Message& message, const json::object& live);
/// Writes `config` into the annotation, where there is one: `kubectl apply` of either kind may come next.
void note_last_applied(json::object& object, const json::object& config);

}  // namespace podwire::kube
