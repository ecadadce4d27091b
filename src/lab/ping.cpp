#include "lab/ping.h"

#include <fmt/format.h>

#include <charconv>

#include "lab/text.h"

namespace podwire::lab {
namespace {

/// The number that stands right at the end of `text`, behind a blank or at its beginning.
std::optional<unsigned> number_at_end(std::string_view text) {
  const auto digits = text.substr(text.find_last_of(' ') + 1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string PingCount::str() const { return fmt::format("{} sent, {} answered", sent, received); }

std::optional<PingCount> parse_ping(std::string_view output) {
  // "1 packets transmitted, 1 packets received, 0% ..." or "1 packets transmitted, 1 received, 0% ..."
  for (const auto& text : lines_of(output)) {
    const std::string_view line = text;
    const auto transmitted = line.find(" packets transmitted, ");
    if (transmitted == std::string_view::npos) continue;
    auto received = line.find(" packets received");
    if (received == std::string_view::npos) received = line.find(" received");
    if (received == std::string_view::npos || received < transmitted) continue;
    const auto sent = number_at_end(line.substr(0, transmitted));
    const auto answered = number_at_end(line.substr(0, received));
    if (sent && answered) return PingCount{*sent, *answered};
  }
  return std::nullopt;
}

}  // namespace podwire::lab
