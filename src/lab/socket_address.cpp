#include "lab/socket_address.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

namespace podwire::lab {
namespace {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

KernelAddress kernel_address(const Endpoint& endpoint) {
  KernelAddress out;
  const auto bytes = endpoint.addr.bytes();
  if (endpoint.addr.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  }
  return out;
}

}  // namespace

std::string Endpoint::str() const {
  return addr.is_v4() ? fmt::format("{}:{}", addr.str(), port) : fmt::format("[{}]:{}", addr.str(), port);
}

Result<UniqueFd> open_socket(const kernel::NetNs& netns, Family family, int type) {
  const auto inside = TRY(netns.enter());
  UniqueFd fd(::socket(static_cast<int>(family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("open socket in", netns.name(), errno);
  return fd;
}

Result<> bind_to(Fd socket, const Endpoint& local) {
  const int on = 1;
  ::setsockopt(socket.raw(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = kernel_address(local);
  if (::bind(socket.raw(), address.get(), address.length) != 0) return fail("bind to", local.str(), errno);
  return {};
}

Result<> connect_to(Fd socket, const Endpoint& remote) {
  const auto address = kernel_address(remote);
  if (::connect(socket.raw(), address.get(), address.length) != 0 && errno != EINPROGRESS)
    return fail("connect to", remote.str(), errno);
  return {};
}

Endpoint endpoint_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof in);
    return {*IpAddr::from_bytes(std::as_bytes(std::span(&in.sin_addr, 1))), ntohs(in.sin_port)};
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof in);
    return {*IpAddr::from_bytes(std::as_bytes(std::span(&in.sin6_addr, 1))), ntohs(in.sin6_port)};
  }
  return {};
}

}  // namespace podwire::lab
