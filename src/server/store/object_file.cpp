#include "server/store/object_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "server/store/pairs_codec.h"

namespace podwire::server {
namespace {

constexpr std::uint64_t kApplication = 0x70647772;  // "pdwr"
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMostMapped = 1 << 30;

// `created`, unique for each life of an object, is the row: no index beside the table is written.
constexpr auto kSchema = R"(
BEGIN;
CREATE TABLE state(one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL);
CREATE TABLE objects(created INTEGER PRIMARY KEY, revision INTEGER NOT NULL, resource TEXT NOT NULL,
  ns TEXT NOT NULL, name TEXT NOT NULL, labels BLOB NOT NULL, fields BLOB NOT NULL, json TEXT NOT NULL);
INSERT INTO state VALUES(1, {first});
PRAGMA application_id = {application};
PRAGMA user_version = {version};
COMMIT;
)";

constexpr auto kMoveAway =
    "restore it from a backup, or move it away, with its -wal and -shm files, to start with an empty one";

Result<> remove_database(const std::string& path) {
  for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) TRY(remove_file(path + suffix));
  return {};
}

/// Under another name first: a file of this name is whole, or was torn by somebody else.
Result<> create(const std::string& path, std::uint64_t first_revision) {
  if (file_exists(path + "-wal"))
    return fail(
        "open", path, ENOENT,
        "its -wal file is there without it, with changes in it; bring the two together again, or move "
        "that away to start with an empty one");
  const auto fresh = path + ".new";
  TRY(remove_database(fresh));
  TRY(open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, 0600));  // there are Secrets in it
  {
    auto database = TRY(Database::open(fresh, Database::Mode::create));
    TRY(database.execute(fmt::format(fmt::runtime(kSchema), fmt::arg("first", first_revision),
                                     fmt::arg("application", kApplication), fmt::arg("version", kVersion))));
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return fail("rename", fresh, errno);
  const auto slash = path.rfind('/');
  return sync_directory(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

Result<> check_origin(Database& database, const std::string& path) {
  const auto application = TRY(database.integer("PRAGMA application_id"));
  const auto version = TRY(database.integer("PRAGMA user_version"));
  if (application != kApplication || version == 0)
    return fail("open", path, 0, fmt::format("it is no database of podwire's, or torn; {}", kMoveAway));
  if (version > kVersion)
    return fail(
        "open", path, 0,
        fmt::format("it was written by a newer podwire (format {}, this one knows {}); run that one, or "
                    "move it away, with its -wal and -shm files, to start with an empty one",
                    version, kVersion));
  return {};
}

}  // namespace

Result<ObjectFile> ObjectFile::open(const std::string& path, std::uint64_t first_revision) {
  auto lock = FileLock::acquire(path + ".lock", std::chrono::milliseconds(0));
  if (!lock && lock.error().sys_errno == EWOULDBLOCK)
    return fail("open", path, 0, "another podwire server is using it; stop that one first");
  if (!lock) return std::unexpected(std::move(lock).error());
  if (!file_exists(path)) TRY(create(path, first_revision));
  ObjectFile file(path, *std::move(lock), TRY(Database::open(path, Database::Mode::existing)));
  TRY(check_origin(file.database_, path));
  TRY(file.prepare());
  return file;
}

Result<> ObjectFile::prepare() {
  TRY(
      database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; "
                        "PRAGMA busy_timeout = 2000"));
  revision_ = TRY(database_.integer("SELECT revision FROM state"));
  begin_ = TRY(database_.prepare("BEGIN IMMEDIATE"));
  put_ = TRY(database_.prepare("INSERT OR REPLACE INTO objects VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  erase_ = TRY(database_.prepare("DELETE FROM objects WHERE created = ?"));
  set_revision_ = TRY(database_.prepare("UPDATE state SET revision = ?"));
  commit_ = TRY(database_.prepare("COMMIT"));
  rollback_ = TRY(database_.prepare("ROLLBACK"));
  return {};
}

std::unexpected<Error> ObjectFile::damaged(std::string_view how) const {
  return fail("read", path_, 0, fmt::format("it is damaged, {}; {}", how, kMoveAway));
}

Result<> ObjectFile::load(const std::function<bool(ObjectPtr)>& take) {
  // The whole file is read once: mapped, it is not copied through a cache of a few pages.
  TRY(database_.execute(fmt::format("PRAGMA mmap_size = {}", kMostMapped)));
  auto loaded = load_rows(take);
  TRY(database_.execute("PRAGMA mmap_size = 0"));
  return loaded;
}

Result<> ObjectFile::load_rows(const std::function<bool(ObjectPtr)>& take) {
  auto rows = TRY(database_.prepare(
      "SELECT created, revision, resource, ns, name, labels, fields, json FROM objects ORDER BY created"));
  while (TRY(rows.step())) {
    auto object = std::make_shared<Object>();
    object->created = rows.integer(0);
    object->revision = rows.integer(1);
    object->key = {std::string(rows.bytes(2)), std::string(rows.bytes(3)), std::string(rows.bytes(4))};
    auto labels = decode_pairs(rows.bytes(5));
    auto fields = decode_pairs(rows.bytes(6));
    object->json = rows.bytes(7);
    const auto key = object->key;
    const auto who = [&key] { return fmt::format("{} {}/{}", key.resource, key.ns, key.name); };
    if (object->created > object->revision || object->revision > revision_)
      return damaged("the revision of " + who() + " is not one that was given out");
    if (!labels || !fields || object->json.empty()) return damaged(who() + " is not whole");
    object->labels = *std::move(labels);
    object->fields = *std::move(fields);
    if (!take(std::move(object))) return damaged(who() + " is there twice");
  }
  return {};
}

Result<> ObjectFile::write(std::span<const LogEntry> entries) {
  TRY(begin_.run());
  auto written = write_in_transaction(entries);
  // SQLite has ended the transaction itself after some errors.
  if (!written && database_.in_transaction()) {
    auto undone = rollback_.run();
    if (!undone) written.error().detail += "; and " + undone.error().message();
  }
  return written;
}

Result<> ObjectFile::write_in_transaction(std::span<const LogEntry> entries) {
  for (const auto& entry : entries)
    for (const auto& event : *entry.events) TRY(write_event(event));
  set_revision_.bind(1, entries.back().events->back().object->revision);
  TRY(set_revision_.run());
  return commit_.run();
}

Result<> ObjectFile::write_event(const Event& event) {
  const auto& object = *event.object;
  if (event.type == EventType::deleted) {
    erase_.bind(1, object.created);
    return erase_.run();
  }
  const auto labels = encode_pairs(object.labels);
  const auto fields = encode_pairs(object.fields);
  put_.bind(1, object.created);
  put_.bind(2, object.revision);
  put_.bind_text(3, object.key.resource);
  put_.bind_text(4, object.key.ns);
  put_.bind_text(5, object.key.name);
  put_.bind_blob(6, labels);
  put_.bind_blob(7, fields);
  put_.bind_text(8, object.json);
  return put_.run();
}

}  // namespace podwire::server
