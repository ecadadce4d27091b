#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP/1.1 as far as the stand-ins need it. Pure.
namespace podwire::standin {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;  ///< "/hostname", percent-decoded
  Fields query;      ///< decoded
  Fields headers;
  std::size_t content_length = 0;
  bool keep_alive = true;
  std::string client;  ///< address and port: "10.244.1.2:40312", "[fd00::2]:40312"

  /// The first of that name; else empty. Header names are the same in any case.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::optional<int> exit{};  ///< after it is sent the program ends with that status
};

/// From a request's head, up to and including its empty line. Error: the status to refuse it with.
[[nodiscard]] std::expected<Request, int> parse_head(std::string_view head);
/// The bytes of the answer; those of a HEAD have no body.
[[nodiscard]] std::string render(const Response& response, bool head_only, bool keep_alive);

[[nodiscard]] std::string percent_decoded(std::string_view text, bool plus_is_space);
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace podwire::standin
