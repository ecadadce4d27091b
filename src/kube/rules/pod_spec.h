#pragma once
#include <set>
#include <string_view>

#include "kube/rules/field_errors.h"

/// The parts of a pod's spec, for pods and for the templates of those that make pods.
namespace podwire::kube {

enum class PodUse : std::uint8_t { pod, template_of_pods };

/// Computed defaults; requests and host ports are filled in for pods only.
void fill_pod_spec(json::object& spec, PodUse use);
void check_pod_spec(const FieldCursor& spec, PodUse use);
/// metadata and spec of a template.
void check_pod_template(const FieldCursor& pod_template);

/// The names of the volumes that containers may mount.
using VolumeNames = std::set<std::string_view>;
[[nodiscard]] VolumeNames check_volumes(const FieldCursor& volumes);
/// spec.containers, initContainers and ephemeralContainers.
void check_containers(const FieldCursor& spec, const VolumeNames& volumes, PodUse use);
void check_env(const FieldCursor& container);
/// Probes and lifecycle hooks.
void check_probes(const FieldCursor& container, std::int64_t grace_seconds);
void forbid_probes(const FieldCursor& container, std::string_view why);
/// A fieldRef: `allowed` are paths without a key; labels and annotations with a key are always.
void check_field_ref(const FieldCursor& ref, std::initializer_list<std::string_view> allowed);

/// affinity, tolerations, topologySpreadConstraints, nodeSelector, schedulingGates.
void check_scheduling(const FieldCursor& spec);
void check_tolerations(const FieldCursor& tolerations);

/// What an update of a pod may change, which is little.
void check_pod_changes(const FieldCursor& object, const json::object& old);

/// "Guaranteed", "Burstable" or "BestEffort", from what its containers ask for.
[[nodiscard]] std::string_view qos_class(const json::object& spec);

}  // namespace podwire::kube
