#include "streaming/log_query.h"

#include <fmt/format.h>

#include <charconv>

namespace podwire::streaming {
namespace {

using namespace std::chrono;

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

kube::Answer<bool> read_flag(std::string_view name, std::string_view text) {
  if (text.empty() || text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return kube::bad_request(fmt::format("{}: \"{}\" is neither true nor false", name, text));
}

kube::Answer<std::uint64_t> read_count(std::string_view name, std::string_view text) {
  std::uint64_t out = 0;
  if (!read_number(text, out)) return kube::bad_request(fmt::format("{}: \"{}\" is no number", name, text));
  return out;
}

}  // namespace

std::optional<std::string> utc_timestamp(std::string_view text) {
  // "2026-11-23T07:00:00[.123]Z" or with "+01:00" in place of Z.
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  int year_ = 0, hour_ = 0, minute_ = 0, second_ = 0;
  unsigned month_ = 0, day_ = 0;
  if (!read_number(text.substr(0, 4), year_) || !read_number(text.substr(5, 2), month_) ||
      !read_number(text.substr(8, 2), day_) || !read_number(text.substr(11, 2), hour_) ||
      !read_number(text.substr(14, 2), minute_) || !read_number(text.substr(17, 2), second_))
    return std::nullopt;
  const year_month_day date{year(year_), month(month_), day(day_)};
  if (!date.ok() || hour_ < 0 || hour_ > 23 || minute_ < 0 || minute_ > 59 || second_ < 0 || second_ > 60)
    return std::nullopt;
  sys_time<nanoseconds> time = sys_days(date) + hours(hour_) + minutes(minute_) + seconds(second_);
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    const auto digits = std::min(text.find_first_not_of("0123456789", 1), text.size()) - 1;
    if (digits == 0 || digits > 9) return std::nullopt;
    std::uint64_t fraction = 0;
    if (!read_number(text.substr(1, digits), fraction)) return std::nullopt;
    for (auto i = digits; i < 9; ++i) fraction *= 10;
    time += nanoseconds(fraction);
    text.remove_prefix(1 + digits);
  }
  if (text != "Z" && text != "z") {
    int offset_hours = 0, offset_minutes = 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
        !read_number(text.substr(1, 2), offset_hours) || !read_number(text.substr(4, 2), offset_minutes))
      return std::nullopt;
    const auto offset = hours(offset_hours) + minutes(offset_minutes);
    time += text[0] == '+' ? -offset : offset;
  }
  return oci::timestamp(time_point_cast<system_clock::duration>(time));
}

kube::Answer<LogQuery> log_query(const Query& query, system_clock::time_point now) {
  LogQuery out;
  for (const auto& [name, value] : query) {
    if (name == "follow") out.follow = TRY(read_flag(name, value));
    if (name == "previous") out.previous = TRY(read_flag(name, value));
    if (name == "timestamps") out.timestamps = TRY(read_flag(name, value));
    if (name == "tailLines") out.tail = TRY(read_count(name, value));
    if (name == "limitBytes") out.at_most = TRY(read_count(name, value));
    if (name == "sinceSeconds") out.since = oci::timestamp(now - seconds(TRY(read_count(name, value))));
    if (name == "sinceTime") {
      const auto time = utc_timestamp(value);
      if (!time) return kube::bad_request(fmt::format("sinceTime: \"{}\" is no RFC 3339 time", value));
      out.since = *time;
    }
    if (name == "stream") {
      if (value != "All" && value != "Stdout" && value != "Stderr")
        return kube::bad_request(fmt::format("stream: \"{}\" is none of All, Stdout, Stderr", value));
      out.out = value != "Stderr";
      out.err = value != "Stdout";
    }
  }
  return out;
}

void LogFilter::take(std::string_view bytes, std::string& out) {
  pending_ += bytes;
  std::string_view rest = pending_;
  for (auto end = rest.find('\n'); end != std::string_view::npos && !done(); end = rest.find('\n')) {
    take_line(rest.substr(0, end), out);
    rest.remove_prefix(end + 1);
  }
  pending_.erase(0, pending_.size() - rest.size());
}

void LogFilter::take_line(std::string_view line, std::string& out) {
  const auto record = oci::decode_log_record(line);
  if (!record || !(record->is_stderr ? query_.err : query_.out)) return;
  // Times of one length, all in UTC: as text they sort as they are.
  if (!query_.since.empty() && record->time < query_.since) return;
  std::string text;
  bool& within = within_[record->is_stderr ? 1 : 0];
  if (query_.timestamps && !within) text = record->time + " ";
  text += record->text;
  if (!record->partial) text += '\n';
  within = record->partial;
  if (left_) {
    text.resize(std::min<std::uint64_t>(text.size(), *left_));
    *left_ -= text.size();
  }
  out += text;
}

}  // namespace podwire::streaming
