#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::kube {

/// A moment of the API: its Time has whole seconds, its MicroTime six digits more.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339, any zone: "2026-11-23T10:20:30Z", "2026-11-23T10:20:30.123456+01:00".
[[nodiscard]] Result<Time> time_from(std::string_view text);
/// As the API's Time, in UTC, parts of a second cut: "2026-11-23T10:20:30Z".
[[nodiscard]] std::string time_text(Time at);
/// As the API's MicroTime: "2026-11-23T10:20:30.000000Z".
[[nodiscard]] std::string micro_time_text(Time at);

}  // namespace podwire::kube
