#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace podwire::kube {

/// A Time or MicroTime of the API ("2026-11-23T10:20:30Z", "...30.123456Z"); fractions are cut. nullopt for
/// "" and whatever is no such time.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

/// "90s", "5m17s", "3d4h": two units at most, fewer the longer it is, as kubectl's users know it. A second in
/// the future counts as now (clocks differ), more is "<invalid>".
[[nodiscard]] std::string human_duration(std::chrono::seconds d);

/// How long ago a time of the API was: human_duration, or "<unknown>" where there is none.
[[nodiscard]] std::string time_since(std::string_view text, std::chrono::sys_seconds now);

}  // namespace podwire::kube
