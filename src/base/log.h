#pragma once
#include <fmt/core.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace podwire::log {

enum class Level { debug, info, warn, error };

/// One key=value pair of a log line.
struct Field {
  template <class T>
  Field(std::string_view k, const T& v) : key(k), value(fmt::format("{}", v)) {}
  std::string_view key;
  std::string value;
};

/// Least level that is written; default warn, or PODWIRE_LOG=debug|info|warn|error.
void set_level(Level level);

/// Writes `LEVEL message key=value ...` as one line to stderr with one write(2). Thread-safe.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

}  // namespace podwire::log
