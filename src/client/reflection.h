#pragma once
#include <optional>
#include <vector>

#include "client/backoff.h"
#include "client/lines.h"
#include "client/outage.h"
#include "client/reflector.h"
#include "client/watch_event.h"

namespace podwire::client {

/// One run of a Reflector: where it stands, and each of its steps.
class Reflection {
 public:
  Reflection(const Api& api, const Selection& selection, Sink& sink);

  Task<void> run();

 private:
  /// nullopt: the next step at once. Else after a pause.
  struct Failure {
    kube::Status status;
    bool opened = false;  ///< it failed in the middle of an answer
  };
  using Outcome = std::optional<Failure>;

  Task<Outcome> list();
  Task<Outcome> watch(bool initial);
  Task<Outcome> receive(http::Incoming& incoming, bool initial, std::chrono::seconds timeout);

  /// nullopt: a page that is good. The first one's revision counts.
  std::optional<kube::Status> take_page(json::object page, ListOptions& next,
                                        std::optional<std::uint64_t>& revision);
  std::optional<kube::Status> take_line(std::string_view line, bool& initial);
  void take(WatchEvent event);
  void complete(std::uint64_t revision);

  /// What a watch was refused, or an ERROR event said.
  Outcome refused(const kube::Status& status, bool initial, bool opened);
  Outcome cut(std::string why, bool initial);
  Outcome unintelligible(kube::Status status, bool initial);
  void worked();
  Task<void> pause(Failure failure);

  [[nodiscard]] ObjectPath collection() const;
  [[nodiscard]] std::optional<http::Call> watch_call(bool initial, std::chrono::seconds timeout) const;

  const Api& api_;
  const Selection& selection_;
  Sink& sink_;
  Clock& clock_;
  Backoff backoff_;
  Outage outage_;
  std::uint64_t revision_ = 0;    ///< all up to it has been told; 0: nothing yet
  bool complete_ = false;         ///< a watch from revision_ will do
  bool lagging_ = false;          ///< revision_ means nothing to the server: ask for the newest state
  bool watch_list_ = true;        ///< the server may have it
  int unfinished_ = 0;            ///< WatchLists in a row that ended before their initial events had
  int nonsense_ = 0;              ///< watches in a row that ended with an event nobody understands
  std::vector<WatchEvent> late_;  ///< changes that came in between the initial events, to be told after them
};

}  // namespace podwire::client
