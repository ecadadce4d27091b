#include "kube/types/time.h"

#include <fmt/format.h>

namespace podwire::kube {

namespace {

using namespace std::chrono;

/// Takes exactly `digits` digits from the front; -1 where they are not there.
int number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

microseconds fraction(std::string_view& text) {
  std::int64_t micros = 0;
  for (std::int64_t place = 100'000; !text.empty() && text.front() >= '0' && text.front() <= '9';
       place /= 10) {
    micros += (text.front() - '0') * place;
    text.remove_prefix(1);
  }
  return microseconds(micros);
}

struct Parts {
  year_month_day date;
  int hour = 0, minute = 0, second = 0;
};

Parts parts_of(Time at) {
  const auto day = floor<days>(at);
  const hh_mm_ss of_day(floor<seconds>(at - day));
  return {day, static_cast<int>(of_day.hours().count()), static_cast<int>(of_day.minutes().count()),
          static_cast<int>(of_day.seconds().count())};
}

std::string date_and_time(Time at) {
  const auto p = parts_of(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(p.date.year()),
                     static_cast<unsigned>(p.date.month()), static_cast<unsigned>(p.date.day()), p.hour,
                     p.minute, p.second);
}

}  // namespace

Result<Time> time_from(std::string_view text) {
  const auto whole = text;
  const auto refused = [whole] { return fail("read time", whole, 0, "not an RFC 3339 time"); };
  const int y = number(text, 4);
  if (y < 0 || !skip(text, '-')) return refused();
  const int mo = number(text, 2);
  if (mo < 0 || !skip(text, '-')) return refused();
  const int d = number(text, 2);
  if (d < 0 || !skip(text, 'T')) return refused();
  const int h = number(text, 2);
  if (h < 0 || h > 23 || !skip(text, ':')) return refused();
  const int mi = number(text, 2);
  if (mi < 0 || mi > 59 || !skip(text, ':')) return refused();
  const int s = number(text, 2);
  if (s < 0 || s > 60) return refused();
  const year_month_day date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
  if (!date.ok()) return refused();
  Time at = sys_days(date) + hours(h) + minutes(mi) + seconds(s);
  if (skip(text, '.')) at += fraction(text);
  if (skip(text, 'Z')) return text.empty() ? Result<Time>(at) : refused();
  const bool east = skip(text, '+');
  if (!east && !skip(text, '-')) return refused();
  const int zone_h = number(text, 2);
  if (zone_h < 0 || !skip(text, ':')) return refused();
  const int zone_m = number(text, 2);
  if (zone_m < 0 || !text.empty()) return refused();
  const auto zone = hours(zone_h) + minutes(zone_m);
  return east ? at - zone : at + zone;
}

std::string time_text(Time at) { return date_and_time(at) + "Z"; }

std::string micro_time_text(Time at) {
  const auto micros = (at - floor<seconds>(at)).count();
  return fmt::format("{}.{:06}Z", date_and_time(at), micros);
}

}  // namespace podwire::kube
