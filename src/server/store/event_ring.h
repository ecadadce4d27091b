#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <ranges>

#include "server/store/object.h"

namespace podwire::server {

/// The recent past of one resource: its newest events, bounded in number and in the bytes that only they keep
/// alive.
class EventRing {
 public:
  struct Limits {
    std::size_t events = 10'000;
    std::size_t bytes = 16 << 20;
  };

  /// Knows nothing from before `floor`.
  EventRing(Limits limits, std::uint64_t floor) : limits_(limits), floor_(floor) {}

  void push(Event event);
  /// Drops the events up to and with this revision.
  void forget(std::uint64_t up_to);

  /// Every event after a revision is here when that is not below the floor.
  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  /// The events after a revision, oldest first. Valid until the next push() or forget().
  [[nodiscard]] auto after(std::uint64_t revision) const {
    auto first = std::ranges::upper_bound(events_, revision, {},
                                          [](const Event& event) { return event.object->revision; });
    return std::ranges::subrange(first, events_.end());
  }

  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void drop_oldest();

  Limits limits_;
  std::uint64_t floor_;
  std::size_t bytes_ = 0;
  std::deque<Event> events_;
};

}  // namespace podwire::server
