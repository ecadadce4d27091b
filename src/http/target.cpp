#include "http/target.h"

namespace podwire::http {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail("read URL", text, 0, "a % is followed by two hexadecimal digits");
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

std::string_view cut(std::string_view& text, char by) {
  const auto end = text.find(by);
  const auto out = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return out;
}

}  // namespace

std::string Target::path() const {
  std::string out;
  for (const auto& s : segments) out += "/" + s;
  return out.empty() ? "/" : out;
}

Result<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return fail("read URL", text, 0, "a path begins with /");
  Target out;
  auto path = cut(text, '?');
  while (!path.empty())
    if (const auto segment = cut(path, '/'); !segment.empty())
      out.segments.push_back(TRY(decoded(segment, false)));
  while (!text.empty()) {
    auto parameter = cut(text, '&');
    if (parameter.empty()) continue;
    auto name = TRY(decoded(cut(parameter, '='), true));
    auto value = TRY(decoded(parameter, true));
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

}  // namespace podwire::http
