#pragma once
#include <functional>

#include "server/registry.h"

namespace podwire::server {

/// The autoscaling/v1 Scale of a Deployment or ReplicaSet: how many replicas, and which pods.
[[nodiscard]] json::object scale_of(const kube::Resource& resource, const json::object& live);

/// A write of the scale subresource as a write of the object itself: only the number of replicas is taken.
/// `change` gets the Scale and returns what it shall be.
[[nodiscard]] Registry::Change change_scale(
    const kube::Resource& resource, std::function<kube::Answer<json::object>(const json::object&)> change);
[[nodiscard]] Registry::Change replace_scale(const kube::Resource& resource, json::object wanted);

}  // namespace podwire::server
