#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "docker/site.h"

namespace podwire::docker {

struct LogRequest {
  bool follow = false, timestamps = false;
  std::optional<std::size_t> tail;  ///< only the last so many lines
};

/// Writes what a container has written to our own stdout and stderr; with follow until it has ended and all
/// is read.
Result<> print_logs(const Site& site, const std::string& reference, const LogRequest& request);

/// Where the last `count` lines of a log begin. A line that was cut into partial records is one. Pure.
[[nodiscard]] std::size_t tail_offset(std::string_view log, std::size_t count);

}  // namespace podwire::docker
