#include "server/store_feed.h"

#include "server/registry.h"

namespace podwire::server {
namespace {

constexpr std::size_t kAtOnce = 64;

}  // namespace

StoreFeed::StoreFeed(Store& store, std::string resource, Put put, Erase erase)
    : store_(store), resource_(std::move(resource)), put_(std::move(put)), erase_(std::move(erase)) {
  drain();
}

void StoreFeed::drain() {
  while (watch_) {
    const auto events = watch_->next(kAtOnce);
    if (!events) break;  // it fell off the ring: everything is read anew
    for (const auto& event : *events) {
      const auto& key = event.object->key;
      if (event.type == EventType::deleted) {
        known_.erase({key.ns, key.name});
        erase_(key.ns, key.name);
      } else {
        known_.emplace(key.ns, key.name);
        put_(parse_stored(*event.object));
      }
    }
    if (events->size() < kAtOnce) return;
  }
  read_all();
}

void StoreFeed::read_all() {
  const auto page = store_.list({.resource = resource_, .ns = std::nullopt, .after = std::nullopt});
  if (!page) return;
  std::set<std::pair<std::string, std::string>> there;
  for (const auto& item : page->items) {
    there.emplace(item->key.ns, item->key.name);
    put_(parse_stored(*item));
  }
  for (const auto& [ns, name] : known_)
    if (!there.contains({ns, name})) erase_(ns, name);
  known_ = std::move(there);
  auto made = store_.watch({.resource = resource_, .ns = std::nullopt, .name = std::nullopt, .fields = {}},
                           page->revision, [this] { drain(); });
  if (!made) return;
  watch_ = std::move(*made);
  drain();  // nothing yet: from now on it wakes
}

}  // namespace podwire::server
