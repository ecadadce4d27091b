#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::oci {

/// One record of a container's log, in the format that Kubernetes' container runtimes write:
/// "2026-11-23T07:00:00.123456789Z stdout F text\n". P instead of F: the line goes on in the stream's next
/// record.
struct LogRecord {
  std::string time;
  bool is_stderr = false;
  bool partial = false;
  std::string text;
  friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

[[nodiscard]] std::string encode_log_record(const LogRecord& record);
/// nullopt: not such a line.
std::optional<LogRecord> decode_log_record(std::string_view line);

/// Cuts one stream of a container into records. A line longer than 16 KiB becomes several.
class LogStream {
 public:
  LogStream(Fd file, bool is_stderr) : file_(file), is_stderr_(is_stderr) {}
  Result<> append(std::string_view bytes, std::chrono::system_clock::time_point now);
  /// Writes what has no newline yet.
  Result<> finish(std::chrono::system_clock::time_point now);

 private:
  Result<> write(std::string_view text, bool partial, std::chrono::system_clock::time_point now);
  Fd file_;
  bool is_stderr_;
  std::string pending_;
};

/// RFC 3339 with nanoseconds, UTC.
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point time);

}  // namespace podwire::oci
