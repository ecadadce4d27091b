#include "server/store/event_ring.h"

#include <utility>

namespace podwire::server {
namespace {

/// What only the ring keeps alive: a state that was replaced is held by the event that replaced it alone, the
/// last one by its deletion; the newest states are the store's.
std::size_t cost_of(const Event& event) {
  return sizeof(Event) + (event.previous ? bytes_of(*event.previous) : 0) +
         (event.type == EventType::deleted ? bytes_of(*event.object) : 0);
}

}  // namespace

void EventRing::push(Event event) {
  bytes_ += cost_of(event);
  events_.push_back(std::move(event));
  // The newest event stays however large it is: otherwise nobody could ever be told of it.
  while (events_.size() > 1 && (events_.size() > limits_.events || bytes_ > limits_.bytes)) drop_oldest();
}

void EventRing::forget(std::uint64_t up_to) {
  while (!events_.empty() && events_.front().object->revision <= up_to) drop_oldest();
}

void EventRing::drop_oldest() {
  bytes_ -= cost_of(events_.front());
  floor_ = events_.front().object->revision;
  events_.pop_front();
}

}  // namespace podwire::server
