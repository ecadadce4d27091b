#include "oci/container_log.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "base/file.h"

namespace podwire::oci {
namespace {
constexpr std::size_t kLongestRecord = 16384;
}

std::string timestamp(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds).count();
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:09}Z", text.data(), nanos);
}

std::string encode_log_record(const LogRecord& r) {
  return fmt::format("{} {} {} {}\n", r.time, r.is_stderr ? "stderr" : "stdout", r.partial ? 'P' : 'F',
                     r.text);
}

std::optional<LogRecord> decode_log_record(std::string_view line) {
  LogRecord out;
  const auto first = line.find(' ');
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  out.time = line.substr(0, first);
  line.remove_prefix(first + 1);
  if (line.size() < 9 || line[6] != ' ' || line[8] != ' ') return std::nullopt;
  const auto stream = line.substr(0, 6);
  if ((stream != "stdout" && stream != "stderr") || (line[7] != 'F' && line[7] != 'P')) return std::nullopt;
  out.is_stderr = stream == "stderr";
  out.partial = line[7] == 'P';
  out.text = line.substr(9);
  return out;
}

Result<> LogStream::write(std::string_view text, bool partial, std::chrono::system_clock::time_point now) {
  return write_all(file_, encode_log_record({timestamp(now), is_stderr_, partial, std::string(text)}));
}

Result<> LogStream::append(std::string_view bytes, std::chrono::system_clock::time_point now) {
  pending_ += bytes;
  std::string_view rest = pending_;
  for (;;) {
    const auto newline = rest.find('\n');
    if (newline != std::string_view::npos && newline <= kLongestRecord) {
      TRY(write(rest.substr(0, newline), false, now));
      rest.remove_prefix(newline + 1);
    } else if (rest.size() > kLongestRecord) {
      TRY(write(rest.substr(0, kLongestRecord), true, now));
      rest.remove_prefix(kLongestRecord);
    } else {
      break;
    }
  }
  pending_.erase(0, pending_.size() - rest.size());
  return {};
}

Result<> LogStream::finish(std::chrono::system_clock::time_point now) {
  if (pending_.empty()) return {};
  auto done = write(pending_, true, now);
  pending_.clear();
  return done;
}

}  // namespace podwire::oci
