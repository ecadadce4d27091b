#include "http/base_url.h"

#include <fmt/format.h>

#include <charconv>

#include "base/addr.h"

namespace podwire::http {
namespace {

Result<std::uint16_t> parse_port(std::string_view url, std::string_view text) {
  std::uint16_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out == 0)
    return fail("read URL", url, 0, fmt::format("\"{}\" is no port", text));
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-._") == std::string_view::npos;
}

}  // namespace

std::string BaseUrl::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  BaseUrl out;
  auto rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    out.tls = false;
    out.port = 80;
  } else {
    return fail("read URL", text, 0, "it begins with https:// or http://");
  }
  if (rest.find('@') != std::string_view::npos)
    return fail("read URL", "of a server", 0, "names and passwords have no place in it");
  if (rest.find_first_of("?# \r\n") != std::string_view::npos)
    return fail("read URL", text, 0, "nothing but a path may follow the port");
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos) out.prefix = rest.substr(slash);
  while (out.prefix.ends_with('/')) out.prefix.pop_back();
  auto authority = rest.substr(0, slash);
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    const auto inner = authority.substr(1, end == std::string_view::npos ? end : end - 1);
    const auto address = IpAddr::parse(inner);
    if (end == std::string_view::npos || !address || !address->is_v6())
      return fail("read URL", text, 0, fmt::format("\"{}\" is no IPv6 address", inner));
    out.host = inner;
    authority.remove_prefix(end + 1);
  } else {
    const auto colon = authority.find(':');
    out.host = authority.substr(0, colon);
    if (!is_name(out.host)) return fail("read URL", text, 0, fmt::format("\"{}\" is no host", out.host));
    authority.remove_prefix(out.host.size());
  }
  if (authority.empty()) return out;
  if (!authority.starts_with(':')) return fail("read URL", text, 0, "a port follows the host");
  out.port = TRY(parse_port(text, authority.substr(1)));
  return out;
}

}  // namespace podwire::http
