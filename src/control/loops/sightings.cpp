#include "control/loops/sightings.h"

#include <utility>

#include "control/loops/caches.h"

namespace podwire::control {

Sightings::Sightings(Caches& caches) : caches_(caches) {
  for (const auto& one : caches.sources()) {
    auto* source = one.get();
    source->on_progress([this, source] { progress(source->resource(), source->seen()); });
    source->on_change([this](const MetaPtr& before, const MetaPtr& after) {
      if (after == nullptr || after->deleted) gone((after != nullptr ? after : before)->uid);
    });
  }
}

bool Sightings::seen(const Expected& what) const {
  const auto* source = caches_.source(what.resource);
  if (source == nullptr) return true;
  if (what.revision != 0) return source->seen() >= what.revision;
  const auto there = source->find(what.namespace_, what.name);
  return there == nullptr || there->uid != what.uid || there->deleted;
}

void Sightings::when_seen(const std::vector<Expected>& all, std::function<void()> then) {
  const auto wait = std::make_shared<Wait>();
  for (const auto& what : all) {
    if (seen(what)) continue;
    ++wait->left;
    if (what.revision != 0) {
      revisions_[what.resource].waits.emplace(what.revision, wait);
    } else {
      deletions_.emplace(what.uid, wait);
    }
  }
  if (wait->left == 0) return then();
  wait->then = std::move(then);
}

void Sightings::one_less(Wait& wait) {
  if (--wait.left == 0) wait.then();
}

void Sightings::progress(const std::string& resource, std::uint64_t seen) {
  auto& [waits, newest] = revisions_[resource];
  // A server that has gone back has forgotten what we wrote: there is nothing to wait for.
  const bool back = seen < std::exchange(newest, seen);
  while (!waits.empty() && (back || waits.begin()->first <= seen)) {
    const auto wait = waits.begin()->second;
    waits.erase(waits.begin());
    one_less(*wait);
  }
}

void Sightings::gone(const std::string& uid) {
  std::vector<std::shared_ptr<Wait>> waits;
  const auto [from, to] = deletions_.equal_range(uid);
  for (auto at = from; at != to; ++at) waits.push_back(at->second);
  deletions_.erase(from, to);
  for (const auto& wait : waits) one_less(*wait);
}

}  // namespace podwire::control
