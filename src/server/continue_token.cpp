#include "server/continue_token.h"

#include <fmt/format.h>

#include <charconv>

namespace podwire::server {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) {
  const auto at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

// Hexadecimal of "REVISION/NS/NAME": safe in a URL, and nobody is tempted to read it.
std::string encode(const ContinueToken& token) {
  std::string out;
  for (const unsigned char c : fmt::format("{}/{}/{}", token.revision, token.ns, token.name)) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

kube::Answer<ContinueToken> decode_continue(std::string_view text) {
  const auto refuse = [] {
    return kube::bad_request("continue key is not valid: it was not given out by this server");
  };
  if (text.size() % 2 != 0 || text.size() > 2048) return refuse();
  std::string plain;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return refuse();
    plain += static_cast<char>(high << 4 | low);
  }
  const auto first = plain.find('/');
  const auto second = plain.find('/', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos) return refuse();
  ContinueToken out;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + first, out.revision);
  if (error != std::errc() || end != plain.data() + first || out.revision == 0) return refuse();
  out.ns = plain.substr(first + 1, second - first - 1);
  out.name = plain.substr(second + 1);
  if (out.name.empty()) return refuse();
  return out;
}

}  // namespace podwire::server
