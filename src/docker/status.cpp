#include <fmt/format.h>

#include <ctime>
#include <optional>

#include "docker/inspect.h"

namespace podwire::docker {
namespace {

using Clock = std::chrono::system_clock;

std::optional<Clock::time_point> parse_time(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  return Clock::from_time_t(::timegm(&parts));
}

std::string duration_text(Clock::duration d) {
  const auto seconds = std::max<long long>(0, std::chrono::duration_cast<std::chrono::seconds>(d).count());
  const auto counted = [](long long n, std::string_view unit) {
    return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
  };
  if (seconds < 60) return counted(seconds, "second");
  if (seconds < 3600) return counted(seconds / 60, "minute");
  if (seconds < 2LL * 86400) return counted(seconds / 3600, "hour");
  return counted(seconds / 86400, "day");
}

}  // namespace

std::string ago(const std::string& rfc3339, Clock::time_point now) {
  const auto then = parse_time(rfc3339);
  return then ? duration_text(now - *then) + " ago" : rfc3339;
}

std::string status_text(const Container& c, Clock::time_point now) {
  switch (c.phase) {
    case Phase::creating:
      return "Created";
    case Phase::running: {
      const auto since = parse_time(c.started);
      return since ? "Up " + duration_text(now - *since) : "Up";
    }
    case Phase::exited:
      break;
  }
  return fmt::format("Exited ({}) {}", c.exit_code ? std::to_string(*c.exit_code) : "?",
                     ago(c.finished, now));
}

std::string ports_text(const Container& c) {
  std::string out;
  for (const auto& port : c.attachment.ports) out += (out.empty() ? "" : ", ") + describe(port);
  return out;
}

}  // namespace podwire::docker
