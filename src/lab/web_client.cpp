#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "lab/deadline.h"
#include "lab/web.h"

namespace podwire::lab {

Result<WebAnswer> parse_web_answer(std::string_view text) {
  // "HTTP/1.0 200 OK", headers, an empty line, the body (RFC 9112).
  const auto space = text.find(' ');
  const auto head_end = text.find("\r\n\r\n");
  WebAnswer answer;
  if (!text.starts_with("HTTP/1.") || space == std::string_view::npos || head_end == std::string_view::npos)
    return fail("read answer", {}, EPROTO, "this is not HTTP");
  const auto* const digits = text.data() + space + 1;
  const auto parsed = std::from_chars(digits, text.data() + text.size(), answer.status);
  if (parsed.ec != std::errc() || answer.status < 100 || answer.status > 599)
    return fail("read answer", {}, EPROTO, "no status in HTTP's first line");
  answer.body = text.substr(head_end + 4);
  return answer;
}

Result<WebAnswer> web_get(const kernel::NetNs& netns, const Endpoint& remote, const std::string& path) {
  const Deadline deadline(std::chrono::seconds(5));
  const auto socket = TRY(open_socket(netns, remote.addr.family(), SOCK_STREAM));
  const auto during = [&](Result<> step) -> Result<> {
    if (!step) return std::unexpected(std::move(step.error()).in("http://" + remote.str() + path));
    return step;
  };
  TRY(connect_to(socket.get(), remote));
  TRY(during(deadline.wait(socket.get(), POLLOUT)));
  int err = 0;
  socklen_t length = sizeof err;
  ::getsockopt(socket.raw(), SOL_SOCKET, SO_ERROR, &err, &length);
  if (err != 0) return fail("connect to", remote.str(), err);
  sockaddr_storage own{};
  length = sizeof own;
  ::getsockname(socket.raw(), reinterpret_cast<sockaddr*>(&own), &length);

  const std::string request = fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", path, remote.addr.str());
  if (::send(socket.raw(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return fail("send request to", remote.str(), errno);
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    TRY(during(deadline.wait(socket.get(), POLLIN)));
    const ssize_t n = ::recv(socket.raw(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno != EAGAIN) return fail("read answer of", remote.str(), errno);
    if (n == 0) break;
    if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
    if (text.size() > (1U << 20)) return fail("read answer of", remote.str(), EFBIG);
  }
  auto answer = TRY(parse_web_answer(text));
  answer.local = endpoint_of(own);
  return answer;
}

}  // namespace podwire::lab
