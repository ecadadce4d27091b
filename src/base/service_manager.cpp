#include "base/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <optional>

namespace podwire {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::optional<int> number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  int out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size() || out < 0) return std::nullopt;
  return out;
}

}  // namespace

Result<std::vector<UniqueFd>> take_inherited_sockets() {
  const auto count = number("LISTEN_FDS");
  const auto pid = number("LISTEN_PID");
  for (const auto* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<UniqueFd> out;
  if (!count || !pid || (*pid != 0 && *pid != ::getpid())) return out;
  for (int fd = kFirst; fd < kFirst + *count; ++fd) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
      return fail("take over socket", std::to_string(fd), errno,
                  "LISTEN_FDS names a descriptor that is no listening socket");
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return fail("take over socket", std::to_string(fd), errno);
    out.emplace_back(fd);
  }
  return out;
}

Result<> notify_service_manager(std::string_view state) {
  const char* where = std::getenv("NOTIFY_SOCKET");
  if (where == nullptr || *where == '\0') return {};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const std::string_view path(where);
  if (path.size() >= sizeof to.sun_path) return fail("notify", path, ENAMETOOLONG);
  path.copy(to.sun_path, path.size());
  if (path.front() == '@') to.sun_path[0] = '\0';  // an abstract one
  const std::string shown(path);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (!socket || ::sendto(socket.raw(), state.data(), state.size(), MSG_NOSIGNAL,
                          reinterpret_cast<sockaddr*>(&to), length) < 0)
    return fail("notify", shown, errno);
  // Who is started from here on must not speak in our name; runc would even make a socket of its own to do
  // so.
  ::unsetenv("NOTIFY_SOCKET");
  return {};
}

}  // namespace podwire
