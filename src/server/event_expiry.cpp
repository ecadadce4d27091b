#include "server/event_expiry.h"

#include <algorithm>
#include <array>

#include "kube/codec/go_time.h"
#include "kube/json.h"
#include "server/registry.h"

namespace podwire::server {
namespace {

constexpr std::size_t kAtOnce = 64;
const std::string kEvents = "events";

/// When an Event was written last, as far as it says so itself.
std::chrono::sys_seconds last_written(const Object& object) {
  const auto event = parse_stored(object);
  std::int64_t out = 0;
  for (const auto text :
       {kube::text_in(event, "metadata", "creationTimestamp"), kube::text_in(event, "lastTimestamp"),
        kube::text_in(event, "series", "lastObservedTime")})
    for (const auto form : {kube::TimeForm::seconds, kube::TimeForm::micros})
      if (const auto time = kube::parse_time(text, form)) out = std::max(out, time->seconds);
  return std::chrono::sys_seconds(std::chrono::seconds(out));
}

}  // namespace

EventExpiry::EventExpiry(Store& store, Now now, Limits limits)
    : store_(store), now_(std::move(now)), limits_(limits) {
  drain();
}

void EventExpiry::erase(const Name& name) {
  const auto it = all_.find(name);
  if (it == all_.end()) return;
  order_.erase(it->second);
  const auto in = of_namespace_.find(name.first);
  in->second.erase(it->second);
  if (in->second.size() <= limits_.most) crowded_.erase(name.first);
  if (in->second.empty()) of_namespace_.erase(in);
  all_.erase(it);
}

void EventExpiry::put(const Object& object, std::chrono::sys_seconds written) {
  const Name name{object.key.ns, object.key.name};
  erase(name);
  // Not later than any clock of a client could make it.
  const Due due{std::min(written, now_()) + limits_.keep, object.revision};
  all_[name] = due;
  order_[due] = name;
  auto& in = of_namespace_[name.first];
  in.insert(due);
  if (in.size() > limits_.most) crowded_.insert(name.first);
}

void EventExpiry::drain() {
  while (watch_) {
    const auto events = watch_->next(kAtOnce);
    if (!events) break;  // it fell off the ring: everything is read anew
    for (const auto& event : *events) {
      if (event.type == EventType::deleted)
        erase({event.object->key.ns, event.object->key.name});
      else
        put(*event.object, now_());
    }
    if (events->size() == kAtOnce) continue;
    if (!crowded_.empty()) sweep();
    return;
  }
  const auto page = store_.list({.resource = kEvents, .ns = std::nullopt, .after = std::nullopt});
  if (!page) return;
  all_.clear();
  order_.clear();
  of_namespace_.clear();
  crowded_.clear();
  for (const auto& item : page->items) put(*item, last_written(*item));
  auto made = store_.watch({.resource = kEvents, .ns = std::nullopt, .name = std::nullopt, .fields = {}},
                           page->revision, [this] { drain(); });
  if (!made) return;
  watch_ = std::move(*made);
  drain();  // nothing yet: from now on it wakes
}

std::vector<Write> EventExpiry::due_now() const {
  std::vector<Write> out;
  const auto add = [&](const Due& due) {
    const auto& [ns, name] = order_.at(due);
    out.push_back({.key = {kEvents, ns, name}, .seen = std::get<std::uint64_t>(due)});
  };
  const auto now = now_();
  for (const auto& [due, name] : order_) {
    if (std::get<std::chrono::sys_seconds>(due) > now || out.size() == limits_.at_once) break;
    add(due);
  }
  if (!out.empty()) return out;  // what is due may be what is too much
  for (const auto& ns : crowded_) {
    const auto& in = of_namespace_.at(ns);
    auto surplus = in.size() - limits_.most;
    for (auto it = in.begin(); surplus > 0 && out.size() < limits_.at_once; ++it, --surplus) add(*it);
  }
  return out;
}

void EventExpiry::sweep() {
  if (sweeping_) return;
  auto writes = due_now();
  if (writes.empty()) return;
  sweeping_ = true;
  // Refused as a whole when one of them was written again meanwhile: that one is not due any more.
  store_.commit(std::move(writes), [this, alive = std::weak_ptr(alive_)](const auto&) {
    if (alive.expired()) return;
    sweeping_ = false;  // what is still too much is swept when its watch tells what went
  });
}

}  // namespace podwire::server
