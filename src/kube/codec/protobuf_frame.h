#pragma once
#include <string_view>

#include "kube/schema.h"

namespace podwire::kube {

constexpr std::string_view kFrameStart("k8s\0", 4);
constexpr int kMaxMessageDepth = 64;  ///< Kubernetes' own messages are 12 deep

/// Kinds that belong to every group, beside those that have a resource. nullptr: unknown.
[[nodiscard]] const Message* message_of_kind(const Schema& schema, std::string_view api_version,
                                             std::string_view kind);

}  // namespace podwire::kube
