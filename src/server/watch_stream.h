#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/encode.h"
#include "server/selection.h"

namespace podwire::server {

/// What one watch request is answered with, piece by piece. Holds a cursor and no queue: a reader that is
/// slow lags, and when it falls off the ring it is told so (410) and the stream ends. On the store's thread.
class WatchStream {
 public:
  /// Either all that is there first, or from options.resource_version on. 410 when that is too old. `wake`:
  /// called, once, when fill() that found nothing would find something.
  static kube::Answer<std::unique_ptr<WatchStream>> open(Store& store, Encoding encoding, Selection selection,
                                                         const ListOptions& options,
                                                         std::function<void()> wake);

  /// Appends what there is, about `max_bytes` of it. Appends nothing: wait for `wake`. False: the stream has
  /// ended; what was appended is the last.
  bool fill(std::string& out, std::size_t max_bytes, std::chrono::sys_seconds now);
  /// "You have seen everything up to here", for clients that asked for bookmarks; else nothing.
  void bookmark(std::string& out);

 private:
  WatchStream(Encoding encoding, Selection selection, bool bookmarks);
  void append(std::string& out, const Event& event, std::chrono::sys_seconds now);
  bool columns();

  Encoding encoding_;
  Selection selection_;
  bool bookmarks_;
  bool marks_initial_end_ = false;
  bool columns_said_ = false;
  std::vector<ObjectPtr> initial_;  ///< still to be sent, from next_initial_
  std::size_t next_initial_ = 0;
  std::uint64_t initial_revision_ = 0;
  std::uint64_t marked_ = 0;  ///< the last bookmark's revision
  std::unique_ptr<Watch> watch_;
};

}  // namespace podwire::server
