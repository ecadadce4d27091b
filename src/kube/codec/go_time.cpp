#include "kube/codec/go_time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

namespace podwire::kube {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::string_view kLayout = "2006-01-02T15:04:05Z07:00";
constexpr std::string_view kMicroLayout = "2006-01-02T15:04:05.000000Z07:00";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads one time from left to right; the first thing that is wrong is remembered in Go's words.
class TimeReader {
 public:
  TimeReader(std::string_view text, TimeForm form)
      : text_(text), rest_(text), layout_(form == TimeForm::micros ? kMicroLayout : kLayout), form_(form) {}

  Answer<Instant> read() {
    using namespace std::chrono;
    const auto y = TRY(number(4, "2006"));
    TRY(literal("-"));
    const auto mo = TRY(number(2, "01"));
    if (mo < 1 || mo > 12) return out_of_range("month");
    TRY(literal("-"));
    const auto d = TRY(number(2, "02"));
    TRY(literal("T"));
    const auto h = TRY(number(2, "15"));
    if (h > 23) return out_of_range("hour");
    TRY(literal(":"));
    const auto mi = TRY(number(2, "04"));
    if (mi > 59) return out_of_range("minute");
    TRY(literal(":"));
    const auto s = TRY(number(2, "05"));
    if (s > 59) return out_of_range("second");
    const auto nanos = TRY(fraction());
    const auto offset = TRY(zone());
    if (!rest_.empty())
      return bad_request(fmt::format("parsing time \"{}\": extra text: \"{}\"", text_, rest_));
    const year_month_day date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
    if (!date.ok()) return out_of_range("day");
    const auto days = sys_days(date).time_since_epoch().count();
    return Instant{.seconds = std::int64_t{days} * 86400 + (h * 3600 + mi * 60 + s - offset),
                   .nanos = form_ == TimeForm::micros ? nanos : 0};
  }

 private:
  [[nodiscard]] std::unexpected<Status> cannot(std::string_view element) const {
    return bad_request(fmt::format("parsing time \"{}\" as \"{}\": cannot parse \"{}\" as \"{}\"", text_,
                                   layout_, rest_, element));
  }
  [[nodiscard]] std::unexpected<Status> out_of_range(std::string_view what) const {
    return bad_request(fmt::format("parsing time \"{}\": {} out of range", text_, what));
  }

  Answer<int> number(std::size_t digits, std::string_view element) {
    if (rest_.size() < digits) return cannot(element);
    int out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return cannot(element);
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return out;
  }

  Answer<> literal(std::string_view what) {
    if (!rest_.starts_with(what)) return cannot(what);
    rest_.remove_prefix(what.size());
    return {};
  }

  Answer<int> fraction() {
    const bool there = rest_.size() > 1 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1]);
    if (form_ == TimeForm::micros) {
      constexpr std::string_view kMicros = ".000000";
      if (!there || rest_.size() < kMicros.size()) return cannot(kMicros);
      for (std::size_t i = 1; i < kMicros.size(); ++i)
        if (!is_digit(rest_[i])) return cannot(kMicros);
      rest_.remove_prefix(1);
      return TRY(number(6, kMicros)) * 1000;
    }
    if (!there) return 0;
    rest_.remove_prefix(1);
    while (!rest_.empty() && is_digit(rest_[0])) rest_.remove_prefix(1);
    return 0;
  }

  Answer<int> zone() {
    constexpr std::string_view kZone = "Z07:00";
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return 0;
    }
    const bool shaped = rest_.size() >= 6 && (rest_[0] == '+' || rest_[0] == '-') && is_digit(rest_[1]) &&
                        is_digit(rest_[2]) && rest_[3] == ':' && is_digit(rest_[4]) && is_digit(rest_[5]);
    if (!shaped) return cannot(kZone);
    const int hours = (rest_[1] - '0') * 10 + (rest_[2] - '0');
    const int minutes = (rest_[4] - '0') * 10 + (rest_[5] - '0');
    if (hours > 24) return out_of_range("time zone offset hour");
    if (minutes > 60) return out_of_range("time zone offset minute");
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(6);
    return sign * (hours * 3600 + minutes * 60);
  }

  std::string_view text_, rest_, layout_;
  TimeForm form_;
};

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\u00b5s", 1'000},
                                      {"\u03bcs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", kNanosPerSecond},
                                      {"m", 60 * kNanosPerSecond},
                                      {"h", 3600 * kNanosPerSecond}}};

/// "1.5" of 1,500,000,000 in units of 1,000,000,000: without zeros at the end.
std::string decimal(std::uint64_t nanos, std::uint64_t unit) {
  auto out = fmt::format("{}", nanos / unit);
  if (nanos % unit == 0) return out;
  auto part = fmt::format("{}", unit + nanos % unit);
  part[0] = '.';
  part.erase(part.find_last_not_of('0') + 1);
  return out + part;
}

}  // namespace

Answer<Instant> parse_time(std::string_view text, TimeForm form) { return TimeReader(text, form).read(); }

std::optional<std::string> print_time(Instant at, TimeForm form) {
  using namespace std::chrono;
  constexpr std::int64_t kFirst = -62'167'219'200;  // year 0
  constexpr std::int64_t kLast = 253'402'300'799;   // year 9999
  if (at.seconds < kFirst || at.seconds > kLast || at.nanos < 0 || at.nanos >= kNanosPerSecond)
    return std::nullopt;
  const auto moment = sys_seconds(seconds(at.seconds));
  const auto date_start = floor<days>(moment);
  const year_month_day date(date_start);
  const hh_mm_ss time(moment - date_start);
  auto out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         time.hours().count(), time.minutes().count(), time.seconds().count());
  if (form == TimeForm::micros) out += fmt::format(".{:06}", at.nanos / 1000);
  return out + "Z";
}

Answer<std::int64_t> parse_duration(std::string_view text) {
  const auto invalid = [&] { return bad_request(fmt::format("time: invalid duration \"{}\"", text)); };
  auto rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) return invalid();
  double total = 0;  // exact to the nanosecond for 100 days, more than any duration of the API
  while (!rest.empty()) {
    double number = 0;
    double scale = 1;
    bool digits = false;
    bool point = false;
    std::size_t i = 0;
    for (; i < rest.size() && (is_digit(rest[i]) || (rest[i] == '.' && !point)); ++i) {
      if (rest[i] == '.') {
        point = true;
        continue;
      }
      digits = true;
      number = number * 10 + (rest[i] - '0');
      if (point) scale *= 10;
    }
    if (!digits) return invalid();
    rest.remove_prefix(i);
    const auto name = rest.substr(0, rest.find_first_of("0123456789."));
    if (name.empty()) return bad_request(fmt::format("time: missing unit in duration \"{}\"", text));
    const Unit* unit = nullptr;
    for (const auto& one : kUnits)
      if (one.name == name) unit = &one;
    if (unit == nullptr)
      return bad_request(fmt::format("time: unknown unit \"{}\" in duration \"{}\"", name, text));
    total += number / scale * static_cast<double>(unit->nanos);
    rest.remove_prefix(name.size());
  }
  if (!(total < 9.2e18)) return invalid();
  const auto nanos = std::int64_t{std::llround(total)};
  return negative ? -nanos : nanos;
}

std::string print_duration(std::int64_t nanos) {
  if (nanos == 0) return "0s";
  const std::string sign = nanos < 0 ? "-" : "";
  const auto size = nanos < 0 ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  if (size < 1'000) return fmt::format("{}{}ns", sign, size);
  if (size < 1'000'000) return sign + decimal(size, 1'000) + "\u00b5s";
  if (size < kNanosPerSecond) return sign + decimal(size, 1'000'000) + "ms";
  constexpr std::uint64_t kMinute = 60 * kNanosPerSecond;
  const auto minutes = size / kMinute;
  auto out = sign;
  if (minutes >= 60) out += fmt::format("{}h", minutes / 60);
  if (minutes >= 1) out += fmt::format("{}m", minutes % 60);
  return out + decimal(size % kMinute, kNanosPerSecond) + "s";
}

}  // namespace podwire::kube
