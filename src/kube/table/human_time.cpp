#include "kube/table/human_time.h"

#include <charconv>
#include <cstdint>

namespace podwire::kube {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int out = 0;
  const auto* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, out);
  if (error != std::errc{} || end != begin + count || *begin == '-') return std::nullopt;
  return out;
}

std::string with_unit(std::int64_t n, char unit) { return std::to_string(n) + unit; }

std::string two_units(std::int64_t n, char unit, std::int64_t rest, char rest_unit) {
  return rest == 0 ? with_unit(n, unit) : with_unit(n, unit) + with_unit(rest, rest_unit);
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != '0' && text[i] != kShape[i]) return std::nullopt;
  for (std::size_t i = kShape.size(); i + 1 < text.size(); ++i)
    if (i == kShape.size() ? text[i] != '.' : text[i] < '0' || text[i] > '9') return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::string human_duration(std::chrono::seconds d) {
  const std::int64_t seconds = d.count();
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  const std::int64_t days = hours / 24;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (minutes < 2) return with_unit(seconds, 's');
  if (minutes < 10) return two_units(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return with_unit(minutes, 'm');
  if (hours < 8) return two_units(hours, 'h', minutes % 60, 'm');
  if (days < 2) return with_unit(hours, 'h');
  if (days < 8) return two_units(days, 'd', hours % 24, 'h');
  const std::int64_t years = days / 365;
  if (years < 2) return with_unit(days, 'd');
  if (years < 8) return two_units(years, 'y', days % 365, 'd');
  return with_unit(years, 'y');
}

std::string time_since(std::string_view text, std::chrono::sys_seconds now) {
  const auto then = parse_time(text);
  return then ? human_duration(now - *then) : "<unknown>";
}

}  // namespace podwire::kube
