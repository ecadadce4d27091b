#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/store/event_ring.h"
#include "server/store/watch.h"

namespace podwire::server {

/// Watches to wake, each once, in the order of their events.
class WakeQueue {
 public:
  /// `schedule` has run() called later, off the caller's stack.
  explicit WakeQueue(std::function<void()> schedule) : schedule_(std::move(schedule)) {}

  void add(Watch& watch);
  void run();

 private:
  friend class Watch;
  using List =
      boost::intrusive::list<Watch, boost::intrusive::member_hook<Watch, Watch::Hook, &Watch::in_woken_>,
                             boost::intrusive::constant_time_size<false>>;
  std::function<void()> schedule_;
  List woken_;
};

/// One resource's events, and who waits for them. A watch that waits is listed under the narrowest thing that
/// it asks for: one field's value, one name, one namespace, or everything.
class Feed {
 public:
  /// `now` is the store's revision.
  Feed(EventRing::Limits limits, std::uint64_t floor, WakeQueue& wakes, const std::uint64_t& now)
      : ring_(limits, floor), wakes_(wakes), now_(now) {}

  void publish(const Event& event);
  void forget(std::uint64_t up_to) { ring_.forget(up_to); }
  std::unique_ptr<Watch> watch(Interest interest, std::uint64_t after, std::function<void()> wake);

  [[nodiscard]] const EventRing& ring() const { return ring_; }
  [[nodiscard]] std::size_t watches() const { return watches_; }

 private:
  friend class Watch;
  enum class By : std::uint8_t { everything, ns, name, field };
  struct TopicView {
    By by;
    std::string_view key, value;
    friend auto operator<=>(const TopicView&, const TopicView&) = default;
  };
  struct Topic {
    By by;
    std::string key, value;
    operator TopicView() const { return {by, key, value}; }  // NOLINT(google-explicit-constructor)
  };
  struct ByView {
    using is_transparent = void;
    bool operator()(const TopicView& a, const TopicView& b) const { return a < b; }
  };
  using List =
      boost::intrusive::list<Watch, boost::intrusive::member_hook<Watch, Watch::Hook, &Watch::in_topic_>,
                             boost::intrusive::constant_time_size<false>>;

  static Topic topic_of(const Interest& interest);
  void wake(const TopicView& topic, const Event& event);

  EventRing ring_;
  WakeQueue& wakes_;
  const std::uint64_t& now_;
  std::size_t watches_ = 0;
  std::map<Topic, List, ByView> topics_;
};

}  // namespace podwire::server
