#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "lab/socket_address.h"

namespace podwire::lab {

/// A UDP socket of a namespace. Not thread-safe.
class UdpSocket {
 public:
  static Result<UdpSocket> open(const kernel::NetNs& netns, const Endpoint& local);
  Result<> send(std::string_view data, const Endpoint& to);

  struct Datagram {
    std::string data;
    Endpoint from;
  };
  /// The next one; waits 2 s at most (ETIMEDOUT).
  Result<Datagram> receive();

 private:
  explicit UdpSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace podwire::lab
