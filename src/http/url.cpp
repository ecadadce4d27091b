#include "http/url.h"

namespace podwire::http {
namespace {

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

Query& Query::add(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? '?' : '&';
  text_ += name;
  text_ += '=';
  text_ += percent_encoded(value);
  return *this;
}

Query& Query::add(std::string_view name, std::uint64_t value) { return add(name, std::to_string(value)); }

Query& Query::add_if_any(std::string_view name, std::string_view value) {
  return value.empty() ? *this : add(name, value);
}

std::string Query::of(std::string_view path) const { return std::string(path) + text_; }

}  // namespace podwire::http
