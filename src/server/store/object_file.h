#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/file.h"
#include "server/store/log.h"
#include "server/store/sqlite.h"

namespace podwire::server {

/// The store's file: the current objects and the newest revision that was given out, in SQLite. One process
/// uses it at a time.
class ObjectFile {
 public:
  /// Makes it where there is none. Refuses, with what to do, a file in use, a foreign or damaged one, and one
  /// of a newer podwire.
  static Result<ObjectFile> open(const std::string& path, std::uint64_t first_revision);

  /// The newest revision that was given out, as of opening it.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// Hands out every object. `take` says false of one whose name is there already: the file is damaged.
  Result<> load(const std::function<bool(ObjectPtr)>& take);
  /// Writes all of these, or nothing. On success they outlive a loss of power.
  Result<> write(std::span<const LogEntry> entries);

  [[nodiscard]] int log_pages() const { return database_.log_pages(); }
  Result<bool> checkpoint() { return database_.checkpoint(); }

 private:
  ObjectFile(std::string path, FileLock lock, Database database)
      : path_(std::move(path)), lock_(std::move(lock)), database_(std::move(database)) {}
  Result<> prepare();
  Result<> load_rows(const std::function<bool(ObjectPtr)>& take);
  Result<> write_in_transaction(std::span<const LogEntry> entries);
  Result<> write_event(const Event& event);
  [[nodiscard]] std::unexpected<Error> damaged(std::string_view how) const;

  std::string path_;
  FileLock lock_;
  Database database_;
  std::uint64_t revision_ = 0;
  Statement begin_, put_, erase_, set_revision_, commit_, rollback_;
};

}  // namespace podwire::server
