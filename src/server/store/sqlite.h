#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace podwire::server {

/// A prepared statement: bind, step, look at the columns, reset. Not to outlive its database. Texts and blobs
/// are borrowed: bound ones must live until reset(), columns until the next step().
class Statement {
 public:
  Statement() = default;

  void bind(int index, std::uint64_t value);  ///< from 1; at most 2^63-1
  void bind_text(int index, std::string_view value);
  void bind_blob(int index, std::string_view value);
  /// True: there is a row.
  Result<bool> step();
  /// One that returns no rows: step, then reset().
  Result<> run();
  void reset();

  [[nodiscard]] std::uint64_t integer(int column) const;  ///< from 0
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A connection to a SQLite file, for one thread at a time.
class Database {
 public:
  enum class Mode : std::uint8_t { create, existing };
  static Result<Database> open(const std::string& path, Mode mode);

  Result<> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row.
  Result<std::uint64_t> integer(std::string_view sql);
  [[nodiscard]] bool in_transaction() const;

  /// Pages in the write-ahead log when this connection last committed.
  [[nodiscard]] int log_pages() const { return *log_pages_; }
  /// Copies what it can from the write-ahead log to the file, waiting for nobody. True: all of it, so that
  /// the next commit starts the log anew.
  Result<bool> checkpoint();

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Database(sqlite3* connection);
  std::unique_ptr<int> log_pages_;  // has an address that stays
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace podwire::server
