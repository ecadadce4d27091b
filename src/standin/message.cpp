#include "standin/message.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ascii.h"

namespace podwire::standin {
namespace {

std::string_view value_of(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts `text` at the first `at`: what is before it; `text` is what is behind.
std::string_view cut(std::string_view& text, std::string_view at) {
  const auto end = text.find(at);
  const auto out = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + at.size());
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace

std::string_view Request::parameter(std::string_view name) const { return value_of(query, name); }

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_ignoring_case(key, name)) return value;
  return {};
}

std::expected<Request, int> parse_head(std::string_view head) {
  auto line = cut(head, "\r\n");
  Request out{.method = std::string(cut(line, " "))};
  auto target = cut(line, " ");
  if (out.method.empty() || !target.starts_with('/') || !line.starts_with("HTTP/1."))
    return std::unexpected(400);
  out.keep_alive = line == "HTTP/1.1";
  out.path = percent_decoded(cut(target, "?"), false);
  while (!target.empty()) {
    auto value = cut(target, "&");
    const auto name = cut(value, "=");
    if (!name.empty()) out.query.emplace_back(percent_decoded(name, true), percent_decoded(value, true));
  }
  while (!head.empty()) {
    auto value = cut(head, "\r\n");
    if (value.empty()) break;
    const auto name = cut(value, ":");
    if (name.empty()) return std::unexpected(400);
    out.headers.emplace_back(name, trimmed(value));
  }
  if (!out.header("Transfer-Encoding").empty()) return std::unexpected(411);
  if (const auto length = out.header("Content-Length"); !length.empty()) {
    const auto [end, error] =
        std::from_chars(length.data(), length.data() + length.size(), out.content_length);
    if (error != std::errc() || end != length.data() + length.size()) return std::unexpected(400);
  }
  if (same_ignoring_case(out.header("Connection"), "close")) out.keep_alive = false;
  if (same_ignoring_case(out.header("Connection"), "keep-alive")) out.keep_alive = true;
  return out;
}

std::string render(const Response& response, bool head_only, bool keep_alive) {
  auto out = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n\r\n",
                         response.status, reason_of(response.status), response.content_type,
                         response.body.size(), keep_alive ? "keep-alive" : "close");
  if (!head_only) out += response.body;
  return out;
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

}  // namespace podwire::standin
