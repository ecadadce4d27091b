#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace podwire::http {

/// Percent-encoded (RFC 3986): all but letters, digits, "-", ".", "_" and "~".
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// What stands behind the "?" of a request's target.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value);
  Query& add(std::string_view name, std::uint64_t value);
  /// Where there is a value.
  Query& add_if_any(std::string_view name, std::string_view value);

  /// `path` with this query; without parameters `path` alone.
  [[nodiscard]] std::string of(std::string_view path) const;

 private:
  std::string text_;
};

}  // namespace podwire::http
