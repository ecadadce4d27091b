#include "lab/udp.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "lab/deadline.h"

namespace podwire::lab {

Result<UdpSocket> UdpSocket::open(const kernel::NetNs& netns, const Endpoint& local) {
  auto fd = TRY(open_socket(netns, local.addr.family(), SOCK_DGRAM));
  TRY(bind_to(fd.get(), local));
  return UdpSocket(std::move(fd));
}

Result<> UdpSocket::send(std::string_view data, const Endpoint& to) {
  TRY(connect_to(fd_.get(), to));
  if (::send(fd_.raw(), data.data(), data.size(), 0) != static_cast<ssize_t>(data.size()))
    return fail("send to", to.str(), errno);
  return {};
}

Result<UdpSocket::Datagram> UdpSocket::receive() {
  if (auto came = Deadline(std::chrono::seconds(2)).wait(fd_.get(), POLLIN); !came)
    return std::unexpected(std::move(came.error()));
  std::array<char, 2048> buffer{};
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  const ssize_t n =
      ::recvfrom(fd_.raw(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
  if (n < 0) return fail("receive datagram", {}, errno);
  return Datagram{std::string(buffer.data(), static_cast<std::size_t>(n)), endpoint_of(from)};
}

}  // namespace podwire::lab
