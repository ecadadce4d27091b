#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::kube {

/// An amount of a resource as Kubernetes writes it: "500m", "128Mi", "1e3". Exact to a billionth; finer is
/// rounded away from zero, more than 2^63-1 is cut to that (as resource.Quantity does). Value type, ordered
/// by amount: "1" == "1000m".
class Quantity {
 public:
  Quantity() = default;
  /// The error's detail is the sentence that Kubernetes has for it.
  static Result<Quantity> parse(std::string_view text);
  static Quantity of(std::int64_t units) {
    return Quantity(static_cast<Amount>(units) * kNano, Form::decimal);
  }

  /// The one spelling for this amount and form: "1500m", not "1.5". What was given in powers of two stays so.
  [[nodiscard]] std::string str() const;
  /// In whole units, and in thousandths; rounded away from zero, cut to 64 bits.
  [[nodiscard]] std::int64_t value() const { return rounded(kNano); }
  [[nodiscard]] std::int64_t milli_value() const { return rounded(kNano / 1000); }
  [[nodiscard]] bool is_integer() const { return nanos_ % kNano == 0; }
  /// Rounded to thousandths, as resource lists of the API are.
  [[nodiscard]] Quantity to_milli() const;

  /// The sum keeps the form of the left side.
  friend Quantity operator+(const Quantity& a, const Quantity& b) {
    return a.nanos_ == 0 ? b : Quantity(a.nanos_ + b.nanos_, a.form_);
  }
  friend Quantity operator-(const Quantity& a, const Quantity& b) {
    return Quantity(a.nanos_ - b.nanos_, a.nanos_ == 0 ? b.form_ : a.form_);
  }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nanos_ == b.nanos_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    if (a.nanos_ == b.nanos_) return std::strong_ordering::equal;
    return a.nanos_ < b.nanos_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }

 private:
  using Amount = __int128;
  enum class Form : std::uint8_t { decimal, binary, exponent };
  static constexpr Amount kNano = 1'000'000'000;
  static constexpr Amount kMost = Amount(INT64_MAX) * kNano;

  Quantity(Amount nanos, Form form);
  struct Suffix;
  static Result<Suffix> parse_suffix(std::string_view text, std::string_view suffix);
  [[nodiscard]] std::int64_t rounded(Amount unit) const;
  [[nodiscard]] std::string decimal(bool as_exponent) const;
  [[nodiscard]] std::string binary() const;

  Amount nanos_ = 0;
  Form form_ = Form::decimal;
};

}  // namespace podwire::kube
