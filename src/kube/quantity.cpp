#include "kube/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace podwire::kube {
namespace {

constexpr std::string_view kWrongForm =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr std::string_view kWrongSuffix = "unable to parse quantity's suffix";
constexpr std::string_view kWrongNumber = "unable to parse numeric part of quantity";

constexpr std::string_view kDecimal[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};  // 10^-9 and up
constexpr std::string_view kBinary[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};                // 2^10 and up

std::unexpected<Error> wrong(std::string_view text, std::string_view detail) {
  return fail("read quantity", text, 0, detail);
}

/// Away from zero.
__int128 divide_up(__int128 number, __int128 by) {
  const auto quotient = number / by;
  if (number % by == 0) return quotient;
  return number > 0 ? quotient + 1 : quotient - 1;
}

}  // namespace

/// What a number is multiplied by, in nanos: multiplier * 10^exponent.
struct Quantity::Suffix {
  Form form = Form::decimal;
  Amount multiplier = 1;
  int exponent = 9;
};

Quantity::Quantity(Amount nanos, Form form) : nanos_(std::clamp(nanos, -kMost, kMost)), form_(form) {}

Result<Quantity::Suffix> Quantity::parse_suffix(std::string_view text, std::string_view suffix) {
  for (std::size_t i = 0; i < std::size(kDecimal); ++i)
    if (suffix == kDecimal[i]) return Suffix{.exponent = static_cast<int>(3 * i)};
  for (std::size_t i = 0; i < std::size(kBinary); ++i)
    if (suffix == kBinary[i]) return Suffix{.form = Form::binary, .multiplier = Amount(1) << (10 * (i + 1))};
  if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    auto digits = suffix.substr(1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    int exponent = 0;
    const auto* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, exponent);
    if (error == std::errc() && rest == end)
      return Suffix{.form = Form::exponent, .exponent = std::clamp(exponent, -1000, 1000) + 9};
  }
  return wrong(text, kWrongSuffix);
}

Result<Quantity> Quantity::parse(std::string_view text) {
  auto rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const auto number = rest.substr(0, rest.find_first_not_of("0123456789."));
  if (number.empty()) return wrong(text, kWrongForm);
  const auto point = number.find('.');
  if (number.size() == 1 && point == 0) return wrong(text, kWrongNumber);
  if (point != std::string_view::npos && number.find('.', point + 1) != std::string_view::npos)
    return wrong(text, kWrongNumber);
  const auto ending = rest.substr(number.size());
  if (ending.find_first_not_of("eEinumkKMGTP+-0123456789") != std::string_view::npos)
    return wrong(text, kWrongForm);
  const auto suffix = TRY(parse_suffix(text, ending));

  // Digit by digit; each digit's place is known, so that huge and tiny exponents need no big numbers.
  const auto whole = point == std::string_view::npos ? number.size() : point;
  Amount nanos = 0;
  bool lost = false;  // a digit below a nano
  bool over = false;
  int place = suffix.exponent + static_cast<int>(std::min<std::size_t>(whole, 100'000));
  for (const char c : number) {
    if (c == '.') continue;
    --place;
    Amount digit = (c - '0') * suffix.multiplier;
    if (digit == 0) continue;
    for (int i = 0; i < place && !over; ++i) {
      digit *= 10;
      over = digit > kMost;
    }
    Amount below = 0;  // binary multiples have digits below their point that still count
    for (int i = place; i < 0 && digit != 0; ++i) {
      if (digit % 10 != 0) below = 1;
      digit /= 10;
    }
    lost = lost || below != 0;
    if (!over) nanos += digit;
    over = over || nanos > kMost;
    if (over) break;
  }
  if (over)
    nanos = kMost;
  else if (lost)
    ++nanos;
  return Quantity(negative ? -nanos : nanos, suffix.form);
}

std::int64_t Quantity::rounded(Amount unit) const {
  return static_cast<std::int64_t>(
      std::clamp<Amount>(divide_up(nanos_, unit), Amount(INT64_MIN), Amount(INT64_MAX)));
}

Quantity Quantity::to_milli() const {
  constexpr Amount kMilli = kNano / 1000;
  return Quantity(divide_up(nanos_, kMilli) * kMilli, form_);
}

std::string Quantity::decimal(bool as_exponent) const {
  auto mantissa = nanos_;
  std::size_t step = 0;
  while (step + 1 < std::size(kDecimal) && mantissa % 1000 == 0) {
    mantissa /= 1000;
    ++step;
  }
  const auto digits = fmt::format("{}", mantissa);
  if (!as_exponent) return digits + std::string(kDecimal[step]);
  const auto exponent = 3 * static_cast<int>(step) - 9;
  return exponent == 0 ? digits : fmt::format("{}e{}", digits, exponent);
}

std::string Quantity::binary() const {
  auto mantissa = divide_up(nanos_, kNano);
  std::string_view suffix;
  for (std::size_t i = 0; i < std::size(kBinary) && mantissa % 1024 == 0; ++i) {
    mantissa /= 1024;
    suffix = kBinary[i];
  }
  return fmt::format("{}{}", mantissa, suffix);
}

std::string Quantity::str() const {
  if (nanos_ == 0) return "0";
  const bool small = nanos_ > -1024 * kNano && nanos_ < 1024 * kNano;
  if (form_ == Form::binary && !small) return binary();
  return decimal(form_ == Form::exponent);
}

}  // namespace podwire::kube
