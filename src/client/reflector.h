#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "client/api.h"

namespace podwire::client {

/// Which objects of a resource one wants to hear of.
struct Selection {
  std::string resource;    ///< "pods", "endpointslices.discovery.k8s.io"
  std::string namespace_;  ///< "": all
  std::string label_selector, field_selector;
  bool metadata_only = false;
};

/// Who is told what a Reflector hears. Objects come as the server has them, with a name and a revision at
/// least; `revision` is the newest that is known with the call done.
class Sink {
 public:
  virtual ~Sink() = default;
  // All there is, one by one, so that a large cluster is never in memory twice as JSON.
  virtual void listing() = 0;  ///< begins; forget what came of an earlier one that was not completed
  virtual void listed(json::object object) = 0;       ///< again, when it comes twice
  virtual void replaced(std::uint64_t revision) = 0;  ///< complete: what was not among them is gone
  // What happens afterwards.
  virtual void changed(json::object object, std::uint64_t revision) = 0;  ///< new, or another state of it
  virtual void removed(json::object object, std::uint64_t revision) = 0;
  virtual void bookmark(std::uint64_t revision) = 0;
};

/// Keeps a Sink up to date with a server, through every fault that list and watch have: WatchList where the
/// server has it, else a list in pages (410 in the middle: from the start) and a watch from its revision;
/// bookmarks; 410 in a watch; time-outs, resets, refusals and nonsense, each with a backoff that grows from
/// 0.8 s to 30 s with jitter and forgets after a while of success. Says in the log when it loses its server
/// and when it has it again, not each time it tries. After a reconnect nothing is told twice that did not
/// change (unless it had to list anew).
class Reflector {
 public:
  /// `api` and `sink` outlive run().
  Reflector(const Api& api, Selection selection, Sink& sink);

  /// Until it is cancelled. Once at a time.
  Task<void> run();

 private:
  const Api& api_;
  Selection selection_;
  Sink& sink_;
};

}  // namespace podwire::client
