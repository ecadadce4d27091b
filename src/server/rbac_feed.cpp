#include "server/rbac_feed.h"

#include <array>
#include <string_view>

#include "server/registry.h"

namespace podwire::server {
namespace {

constexpr std::array<std::string_view, 4> kPlurals{"roles", "rolebindings", "clusterroles",
                                                   "clusterrolebindings"};
constexpr std::size_t kAtOnce = 64;

std::string resource_of(std::size_t index) {
  return std::string(kPlurals[index]) + ".rbac.authorization.k8s.io";
}

}  // namespace

RbacFeed::RbacFeed(Store& store, Rbac& rbac) : store_(store), rbac_(rbac), watches_(kPlurals.size()) {
  for (std::size_t i = 0; i < kPlurals.size(); ++i) drain(i);
}

void RbacFeed::drain(std::size_t index) {
  auto& watch = watches_[index];
  while (watch) {
    const auto events = watch->next(kAtOnce);
    if (!events) break;  // it fell off the ring: everything is read anew
    for (const auto& event : *events) {
      const auto& key = event.object->key;
      if (event.type == EventType::deleted)
        rbac_.erase(kPlurals[index], key.ns, key.name);
      else
        rbac_.put(kPlurals[index], parse_stored(*event.object));
    }
    if (events->size() < kAtOnce) return;
  }
  const auto page = store_.list({.resource = resource_of(index), .ns = std::nullopt, .after = std::nullopt});
  if (!page) return;
  for (const auto& item : page->items) rbac_.put(kPlurals[index], parse_stored(*item));
  auto made =
      store_.watch({.resource = resource_of(index), .ns = std::nullopt, .name = std::nullopt, .fields = {}},
                   page->revision, [this, index] { drain(index); });
  if (!made) return;
  watch = std::move(*made);
  drain(index);  // nothing yet: from now on it wakes
}

}  // namespace podwire::server
