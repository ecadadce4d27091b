#include "server/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace podwire::server {
namespace {

/// What went wrong last, with what to do about it.
Error last_error(sqlite3* connection, std::string_view verb) {
  const char* path = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  Error error{.verb = std::string(verb), .object = path != nullptr ? path : "", .sys_errno = 0, .detail = ""};
  if (connection == nullptr) return error;
  error.detail = sqlite3_errmsg(connection);
  switch (sqlite3_errcode(connection) & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      error.detail +=
          ": it is damaged, or no database of podwire's; restore it from a backup, or move it away, with its "
          "-wal and -shm files, to start with an empty one";
      break;
    case SQLITE_FULL:
      error.detail += ": make space; it goes on by itself then";
      break;
    default:
      error.sys_errno = sqlite3_system_errno(connection);
  }
  return error;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, std::uint64_t value) {
  sqlite3_bind_int64(statement_.get(), index, static_cast<sqlite3_int64>(value));
}

void Statement::bind_text(int index, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_blob(int index, std::string_view value) {
  sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(last_error(sqlite3_db_handle(statement_.get()),
                                    sqlite3_stmt_readonly(statement_.get()) != 0 ? "read" : "write"));
}

Result<> Statement::run() {
  auto done = step();
  reset();
  if (!done) return std::unexpected(std::move(done).error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::uint64_t Statement::integer(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {data, data != nullptr ? size : 0};
}

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Database::Database(sqlite3* connection) : log_pages_(std::make_unique<int>(0)), connection_(connection) {
  const auto committed = [](void* pages, sqlite3*, const char*, int now) {
    *static_cast<int*>(pages) = now;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection, committed, log_pages_.get());  // in place of checkpoints within commits
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  sqlite3* connection = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  if (connection == nullptr) return fail("open", path, ENOMEM);
  Database database(connection);
  if (code != SQLITE_OK) {
    auto error = last_error(connection, "open");
    error.object = path;
    return std::unexpected(std::move(error));
  }
  sqlite3_extended_result_codes(connection, 1);
  return database;
}

Result<> Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(last_error(connection_.get(), "use"));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code == SQLITE_OK) return Statement(statement);
  return std::unexpected(last_error(connection_.get(), "read"));
}

Result<std::uint64_t> Database::integer(std::string_view sql) {
  auto statement = TRY(prepare(sql));
  if (TRY(statement.step())) return statement.integer(0);
  return fail("read", sqlite3_db_filename(connection_.get(), "main"), 0,
              "a row is missing: it is damaged; restore it from a backup, or move it away, with its -wal and "
              "-shm files, to start with an empty one");
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

Result<bool> Database::checkpoint() {
  int pages = 0;
  int copied = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  if (code == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return std::unexpected(last_error(connection_.get(), "checkpoint"));
  return pages == copied;
}

}  // namespace podwire::server
