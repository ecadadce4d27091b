#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/status.h"

namespace podwire::kube {

/// A moment as the API has it: seconds since 1970 and a part of one.
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;

  friend bool operator==(const Instant&, const Instant&) = default;
};

/// meta/v1's two spellings: Time is RFC 3339 with whole seconds, MicroTime has always six digits behind the
/// point.
enum class TimeForm : std::uint8_t { seconds, micros };

/// RFC 3339 with any zone. The refusal is in the words of Go's time package, which Kubernetes passes on.
/// Time forgets parts of a second.
Answer<Instant> parse_time(std::string_view text, TimeForm form);
/// In UTC: "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z". nullopt: not between the years 0 and 9999.
std::optional<std::string> print_time(Instant at, TimeForm form);

/// Go's durations: "1h2m3.5s", "-300ms".
Answer<std::int64_t> parse_duration(std::string_view text);
std::string print_duration(std::int64_t nanos);

}  // namespace podwire::kube
