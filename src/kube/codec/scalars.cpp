#include "kube/codec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

namespace podwire::kube {
namespace {

/// A whole number in [low, high], also one written as 5.0 or 5e0; brought into the form of an integer.
Fit whole(json::value& v, std::int64_t low, std::int64_t high) {
  if (v.is_double() && std::trunc(v.get_double()) == v.get_double() && std::fabs(v.get_double()) < 9e15)
    v = static_cast<std::int64_t>(v.get_double());
  if (!v.is_int64()) return Fit::wrong_type;
  return v.get_int64() >= low && v.get_int64() <= high ? Fit::fits : Fit::wrong_type;
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// RFC 3339: "2026-11-23T12:00:00Z", with a fraction, with an offset.
bool is_time(std::string_view t) {
  static constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (t.size() < kShape.size() + 1) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == 'd' ? std::isdigit(static_cast<unsigned char>(t[i])) == 0 : t[i] != kShape[i])
      return false;
  const auto month = t.substr(5, 2), day = t.substr(8, 2), hour = t.substr(11, 2), minute = t.substr(14, 2);
  if (month < "01" || month > "12" || day < "01" || day > "31" || hour > "23" || minute > "59" ||
      t.substr(17, 2) > "60")
    return false;
  auto rest = t.substr(kShape.size());
  if (rest.starts_with('.')) {
    const auto end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end == 1) return false;
    rest = rest.substr(end);
  }
  if (rest == "Z") return true;
  return rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && all_digits(rest.substr(1, 2)) &&
         rest[3] == ':' && all_digits(rest.substr(4));
}

/// apimachinery's resource.Quantity: a decimal number and a suffix.
bool is_quantity(std::string_view t) {
  if (t.starts_with('+') || t.starts_with('-')) t.remove_prefix(1);
  const auto end = std::min(t.find_first_not_of("0123456789."), t.size());
  const auto number = t.substr(0, end), suffix = t.substr(end);
  if (std::ranges::none_of(number, [](unsigned char c) { return std::isdigit(c) != 0; }) ||
      std::ranges::count(number, '.') > 1)
    return false;
  static constexpr std::string_view kSuffixes[] = {"",  "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n",
                                                   "u", "m",  "k",  "M",  "G",  "T",  "P",  "E"};
  if (std::ranges::find(kSuffixes, suffix) != std::end(kSuffixes)) return true;
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return false;
  const auto exponent = suffix.substr(suffix[1] == '-' || suffix[1] == '+' ? 2 : 1);
  return !exponent.empty() && exponent.size() <= 3 && all_digits(exponent);
}

bool is_base64(std::string_view t) {
  if (t.size() % 4 != 0) return false;
  const auto end = std::min(t.find('='), t.size());
  if (t.size() - end > 2 || t.find_first_not_of('=', end) != std::string_view::npos) return false;
  return std::ranges::all_of(t.substr(0, end),
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; });
}

Fit text(const json::value& v, bool (*is)(std::string_view)) {
  if (!v.is_string()) return Fit::wrong_type;
  return is(v.get_string()) ? Fit::fits : Fit::bad_text;
}

}  // namespace

Fit normalize(Type::Kind kind, json::value& v) {
  using Kind = Type::Kind;
  switch (kind) {
    case Kind::string:
    case Kind::duration:
      return v.is_string() ? Fit::fits : Fit::wrong_type;
    case Kind::boolean:
      return v.is_bool() ? Fit::fits : Fit::wrong_type;
    case Kind::int32:
      return whole(v, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    case Kind::int64:
      return whole(v, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    case Kind::float64:
      return v.is_number() ? Fit::fits : Fit::wrong_type;
    case Kind::bytes:
      return text(v, is_base64);
    case Kind::int_or_string:
      if (v.is_string()) return Fit::fits;
      return whole(v, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    case Kind::quantity:
      if (v.is_int64()) v = std::to_string(v.get_int64());
      if (v.is_double()) v = fmt::format("{}", v.get_double());
      return text(v, is_quantity);
    case Kind::time:
    case Kind::micro_time:
      return text(v, is_time);
    case Kind::json:
    case Kind::message:
      return Fit::fits;
  }
  return Fit::wrong_type;
}

std::string complaint(Type::Kind kind, const json::value& value) {
  const std::string_view shown =
      value.is_string() ? std::string_view(value.get_string()) : std::string_view();
  switch (kind) {
    case Type::Kind::quantity:
      return fmt::format(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' "
          "(\"{}\")",
          shown);
    case Type::Kind::bytes:
      return fmt::format("illegal base64 data (\"{}\")", shown.substr(0, 32));
    default:
      return fmt::format("parsing time \"{}\" as \"2006-01-02T15:04:05Z07:00\"", shown.substr(0, 64));
  }
}

}  // namespace podwire::kube
