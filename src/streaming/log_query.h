#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/status.h"
#include "oci/container_log.h"

namespace podwire::streaming {

using Query = std::vector<std::pair<std::string, std::string>>;

/// What a client wants of a log: PodLogOptions of core/v1, as query parameters.
struct LogQuery {
  bool follow = false, previous = false, timestamps = false;
  bool out = true, err = true;
  std::string since;                     ///< records before that time are left out; empty: none
  std::optional<std::uint64_t> tail;     ///< so many of the last lines
  std::optional<std::uint64_t> at_most;  ///< bytes of answer
};
[[nodiscard]] kube::Answer<LogQuery> log_query(const Query& query, std::chrono::system_clock::time_point now);

/// RFC 3339, with any offset, as oci::timestamp() writes it.
[[nodiscard]] std::optional<std::string> utc_timestamp(std::string_view text);

/// From what a log's file holds to what the client sees. Lines in, text out. Holds no more than a line.
class LogFilter {
 public:
  explicit LogFilter(LogQuery query) : query_(std::move(query)), left_(query_.at_most) {}

  /// Adds to `out` what these bytes of the file, cut anywhere, say to the client. What is no record is left
  /// out.
  void take(std::string_view bytes, std::string& out);
  /// The client has all the bytes that it asked for.
  [[nodiscard]] bool done() const { return left_ && *left_ == 0; }

 private:
  void take_line(std::string_view line, std::string& out);

  LogQuery query_;
  std::optional<std::uint64_t> left_;
  std::string pending_;
  bool within_[2] = {false, false};  ///< a line of that stream has begun
};

}  // namespace podwire::streaming
