#include "kube/subresource.h"

#include <algorithm>
#include <array>

namespace podwire::kube {
namespace {

using Use = Subresource::Use;

constexpr std::array kSubresources{
    Subresource{"scale", {"autoscaling", "v1", "Scale"}, Use::read_write},
    Subresource{"binding", {"", "v1", "Binding"}, Use::create},
    Subresource{"eviction", {"policy", "v1", "Eviction"}, Use::create},
    Subresource{"token", {"authentication.k8s.io", "v1", "TokenRequest"}, Use::create},
    Subresource{"finalize", {}, Use::write},
    Subresource{"log", {}, Use::text},
    Subresource{"exec", {"", "v1", "PodExecOptions"}, Use::connect},
    Subresource{"attach", {"", "v1", "PodAttachOptions"}, Use::connect},
    Subresource{"portforward", {"", "v1", "PodPortForwardOptions"}, Use::connect},
};
constexpr Subresource kPart;

}  // namespace

std::string KindName::api_version() const {
  return group.empty() ? std::string(version) : std::string(group).append("/").append(version);
}

const Subresource& subresource_named(std::string_view name) {
  const auto* found = std::ranges::find(kSubresources, name, &Subresource::name);
  return found == kSubresources.end() ? kPart : *found;
}

KindName spoken_kind(const Resource& resource, const Subresource& subresource) {
  if (!subresource.kind.kind.empty()) return subresource.kind;
  return {resource.group, resource.version, resource.kind};
}

}  // namespace podwire::kube
