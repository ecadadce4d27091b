#include "server/store/feed.h"

#include <algorithm>
#include <utility>

namespace podwire::server {
namespace {

bool concerns(const Interest& interest, const Event& event) {
  return interest.covers(*event.object) || (event.previous && interest.covers(*event.previous));
}

}  // namespace

bool Interest::covers(const Object& object) const {
  if (ns && *ns != object.key.ns) return false;
  if (name && *name != object.key.name) return false;
  return std::ranges::all_of(fields, [&](const auto& field) {
    return std::ranges::find(object.fields, field) != object.fields.end();
  });
}

Watch::Watch(Feed& feed, Interest interest, std::uint64_t after, std::function<void()> wake)
    : feed_(feed), interest_(std::move(interest)), cursor_(after), wake_(std::move(wake)) {}

Watch::~Watch() {
  --feed_.watches_;
  in_topic_.unlink();
  auto topic = feed_.topics_.find(Feed::topic_of(interest_));
  if (topic != feed_.topics_.end() && topic->second.empty()) feed_.topics_.erase(topic);
}

Read<std::vector<Event>> Watch::next(std::size_t max) {
  std::vector<Event> events;
  if (waiting_) return events;
  if (cursor_ < feed_.ring_.floor()) return std::unexpected(Unserved::expired);
  for (const auto& event : feed_.ring_.after(cursor_)) {
    if (events.size() == max) return events;
    cursor_ = event.object->revision;
    if (concerns(interest_, event)) events.push_back(event);
  }
  waiting_ = events.size() < max;
  return events;
}

std::uint64_t Watch::revision() const { return waiting_ ? feed_.now_ : cursor_; }

void WakeQueue::add(Watch& watch) {
  if (watch.in_woken_.is_linked()) return;
  if (woken_.empty()) schedule_();
  woken_.push_back(watch);
}

void WakeQueue::run() {
  // Whoever is woken may destroy watches, which leave the list by themselves, and may wake others: for these
  // there is another run.
  List now;
  now.swap(woken_);
  while (!now.empty()) {
    auto& watch = now.front();
    now.pop_front();
    const auto wake = watch.wake_;  // a copy: the watch may be gone before it returns
    wake();
  }
}

void Feed::publish(const Event& event) {
  ring_.push(event);
  if (topics_.empty()) return;
  const auto& object = *event.object;
  wake({By::everything, {}, {}}, event);
  wake({By::ns, object.key.ns, {}}, event);
  wake({By::name, object.key.name, {}}, event);
  for (const auto& [key, value] : object.fields) wake({By::field, key, value}, event);
  if (event.previous)
    for (const auto& [key, value] : event.previous->fields) wake({By::field, key, value}, event);
}

void Feed::wake(const TopicView& topic, const Event& event) {
  auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  for (auto& watch : found->second) {
    if (!watch.waiting_ || !concerns(watch.interest_, event)) continue;
    watch.waiting_ = false;
    watch.cursor_ = event.object->revision - 1;  // it has missed nothing, however long it has slept
    wakes_.add(watch);
  }
}

std::unique_ptr<Watch> Feed::watch(Interest interest, std::uint64_t after, std::function<void()> wake) {
  auto watch = std::unique_ptr<Watch>(new Watch(*this, std::move(interest), after, std::move(wake)));
  topics_[topic_of(watch->interest_)].push_back(*watch);
  ++watches_;
  return watch;
}

Feed::Topic Feed::topic_of(const Interest& interest) {
  if (!interest.fields.empty()) return {By::field, interest.fields[0].first, interest.fields[0].second};
  if (interest.name) return {By::name, *interest.name, {}};
  if (interest.ns) return {By::ns, *interest.ns, {}};
  return {By::everything, {}, {}};
}

}  // namespace podwire::server
