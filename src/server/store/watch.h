#pragma once
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/store/read.h"

namespace podwire::server {

/// What a watcher wants to hear of. Events of anything else never wake it and never reach it: a thousand
/// watchers of spec.nodeName, each of another node, cost nothing for each other's events.
struct Interest {
  std::string resource;
  std::optional<std::string> ns;    ///< nullopt: all namespaces
  std::optional<std::string> name;  ///< one object only
  Pairs fields;                     ///< all must be equal ("spec.nodeName", "node-1")

  [[nodiscard]] bool covers(const Object& object) const;
};

class Feed;
class WakeQueue;

/// A cursor on a resource's ring of events: no queue, however slow its reader is. Made by Store::watch, lives
/// on the store's thread, destroyed before the store.
///
/// The protocol: call next() until it returns fewer than asked; then `wake` is called, once, when there is
/// more, never from within next() or commit(). Who reads without being asked to may be woken for nothing.
/// Destroying watches from `wake` is allowed, also this one.
class Watch {
 public:
  using Hook = boost::intrusive::list_member_hook<
      boost::intrusive::link_mode<boost::intrusive::link_mode_type::auto_unlink>>;

  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The next events, at most `max` of them, in order of revision: those where the object or what it was
  /// before is covered by the interest (whoever selects tells from the two whether it came, changed or went).
  /// Unserved::expired: the reader was so slow that the ring has gone on over its cursor; it stays so.
  Read<std::vector<Event>> next(std::size_t max);

  /// Everything of interest up to this revision was returned by next(): what a bookmark may say. Moves on
  /// with other resources' and other objects' changes while the watch waits.
  [[nodiscard]] std::uint64_t revision() const;

 private:
  friend class Feed;
  friend class WakeQueue;
  Watch(Feed& feed, Interest interest, std::uint64_t after, std::function<void()> wake);

  Feed& feed_;
  Interest interest_;
  std::uint64_t cursor_;  ///< while it does not wait
  bool waiting_ = false;  ///< all was returned: nothing to do with it until an event of interest
  std::function<void()> wake_;
  Hook in_topic_, in_woken_;
};

}  // namespace podwire::server
