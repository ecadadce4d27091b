#include "client/connection.h"

#include <algorithm>

#include "base/file.h"

namespace podwire::client {
namespace {

constexpr std::size_t kLongestToken = 64 << 10;

}  // namespace

Result<std::string> read_token(const std::string& path) {
  const auto text = TRY(read_file(path, kLongestToken));
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return fail("read token", path, 0, "the file is empty");
  auto out = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  if (!std::ranges::all_of(out, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail("read token", path, 0, "a token is one word of ASCII");
  return out;
}

http::TlsClient::Options tls_options(const Connection& connection) {
  http::TlsClient::Options out{.url = connection.url,
                               .ca = connection.ca,
                               .certificate = connection.certificate,
                               .key = connection.key,
                               .verify = connection.verify,
                               .server_name = connection.server_name};
  if (!connection.token_file.empty())
    out.token = [path = connection.token_file] { return read_token(path); };
  else if (!connection.token.empty())
    out.token = [token = connection.token]() -> Result<std::string> { return token; };
  return out;
}

}  // namespace podwire::client
