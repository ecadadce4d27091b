#include "oci/console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace podwire::oci {

Result<ConsoleSocket> ConsoleSocket::listen(const std::string& directory, const std::string& name) {
  auto dir = TRY(open_file(directory, O_PATH | O_DIRECTORY));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail("create socket", name, errno);
  ::unlinkat(dir.raw(), name.c_str(), 0);
  ConsoleSocket out(std::move(fd), std::move(dir), name);
  const std::string path = out.path();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("listen on", path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(out.fd_.raw(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(out.fd_.raw(), 1) != 0)
    return fail("listen on", directory + "/" + name, errno);
  return out;
}

ConsoleSocket::~ConsoleSocket() {
  if (fd_) ::unlinkat(directory_.raw(), name_.c_str(), 0);
}

std::string ConsoleSocket::path() const {
  return fmt::format("/proc/{}/fd/{}/{}", ::getpid(), directory_.raw(), name_);
}

Result<UniqueFd> ConsoleSocket::receive() const {
  const UniqueFd connection(::accept4(fd_.raw(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return fail("accept", name_, errno);
  std::array<char, 4096> name;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec data{name.data(), name.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(connection.raw(), &message, MSG_CMSG_CLOEXEC) < 0)
    return fail("receive terminal", name_, errno);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(int)))
    return fail("receive terminal", name_, 0, "runc sent none");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return UniqueFd(fd);
}

}  // namespace podwire::oci
