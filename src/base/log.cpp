#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>

namespace podwire::log {
namespace {

constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warn", "error"};

Level level_from_environment() {
  const char* wanted = std::getenv("PODWIRE_LOG");
  for (std::size_t i = 0; wanted != nullptr && i < kNames.size(); ++i)
    if (kNames[i] == wanted) return static_cast<Level>(i);
  return Level::warn;
}

std::atomic<Level>& least() {
  static std::atomic<Level> level = level_from_environment();
  return level;
}

/// logfmt: a value with a space, a quote or a control character is quoted.
void append_value(std::string& out, std::string_view value) {
  bool plain = !value.empty();
  for (const char c : value) plain = plain && c > ' ' && c != '"' && c != '=';
  if (plain) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
}

}  // namespace

void set_level(Level level) { least() = level; }

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < least()) return;
  std::string line = fmt::format("{} {}", kNames[static_cast<std::size_t>(level)], message);
  for (const auto& f : fields) {
    line += ' ';
    line += f.key;
    line += '=';
    append_value(line, f.value);
  }
  line += '\n';
  [[maybe_unused]] const auto n = ::write(2, line.data(), line.size());
}

}  // namespace podwire::log
