#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace podwire::lab {

/// What ping(8) counted.
struct PingCount {
  unsigned sent = 0, received = 0;
  /// "1 sent, 0 answered"
  [[nodiscard]] std::string str() const;
  friend bool operator==(const PingCount&, const PingCount&) = default;
};

/// Out of what ping prints (busybox's and iputils'); nullopt when it came to no count. Pure.
[[nodiscard]] std::optional<PingCount> parse_ping(std::string_view output);

}  // namespace podwire::lab
