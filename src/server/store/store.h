#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/store/object.h"
#include "server/store/read.h"
#include "server/store/watch.h"

namespace podwire::server {

struct StoreOptions {
  /// The database file; its directory must exist. Empty: in memory only, all is gone with the process.
  std::string path;
  /// How much of its past each resource remembers, for watchers that lag and lists in pages.
  std::size_t ring_events = 10'000;
  std::size_t ring_bytes = 16 << 20;
  /// The revision of a store with nothing in it. One that forgets everything at a restart should be given a
  /// larger one each time, so that its clients' revisions are from the past and not from the future.
  std::uint64_t first_revision = 1;
};

/// Runs a function on the store's thread, later: Asio's post, or a queue in tests. Called from any thread, as
/// long as the store lives.
using Post = std::function<void(std::function<void()>)>;

struct ResourceStats {
  std::string resource;
  std::size_t objects = 0, bytes = 0;
  std::size_t events = 0, event_bytes = 0;  ///< of the ring
  std::size_t watches = 0;
  std::uint64_t oldest = 0;  ///< the oldest revision from which it can be watched
};

/// The objects of the API server. Memory is what is read; a file, where there is one, is the log of it.
/// Single-threaded: everything is called, and calls back, on one thread. Only the file is written on a thread
/// of its own.
///
/// A commit is checked at once, against everything before it, also what is still on its way to the disk. It
/// is seen by get(), list() and watches only when it is durable: what anybody has ever read or been told is
/// never lost. All of a commit is seen at the same moment. Callbacks come in the order of the commits.
///
/// When the disk fails or is full, what was on its way is refused (500) and forgotten, reads go on, and
/// later commits are tried anew. A revision is never used twice, so some are skipped then. Only if the
/// process dies before a later commit is written may something that was refused so be there after all, whole.
class Store {
 public:
  /// Reads the file, or makes it. Errors say what to do: it is no database of podwire's, damaged, of a newer
  /// version, or in use by another process.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, Post post);
  /// What was committed is still written, but nobody is called back any more. Watches must be gone.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The object's newest durable state, nullptr where there is none.
  [[nodiscard]] ObjectPtr get(const Key& key) const;
  /// A page of a list. One with an older revision costs as much more as there were events since.
  [[nodiscard]] Read<Page> list(const ListQuery& query) const;
  /// Events after `after`: 0 is not special here.
  Read<std::unique_ptr<Watch>> watch(Interest interest, std::uint64_t after, std::function<void()> wake);

  /// All or nothing. Refusals: 409 AlreadyExists; 404 NotFound (replaced or deleted what is not there); 409
  /// Conflict (`seen` is not its revision); 500 InternalError (the file was not written). `done` is never
  /// called from within. A refusal comes after everything that it is due to can be read: who then reads and
  /// tries again makes progress.
  void commit(std::vector<Write> writes, Committed done);

  /// The newest revision that can be seen.
  [[nodiscard]] std::uint64_t revision() const;
  /// The number of commits that are not settled yet.
  [[nodiscard]] std::size_t in_flight() const;
  /// Forgets the events up to and with this revision. The server, which has a clock, calls it now and then
  /// with a revision of some minutes ago: memory is for the recent past only.
  void forget(std::uint64_t up_to);
  [[nodiscard]] std::vector<ResourceStats> stats() const;

 private:
  class Core;
  explicit Store(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::server
