#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "server/object_meta.h"

namespace podwire::server {

/// What the server takes from outside: the time and chance. Tests give their own.
struct World {
  std::function<std::chrono::sys_seconds()> now;
  std::function<std::uint64_t()> random;  ///< 64 bits, hard to guess

  [[nodiscard]] Moment moment() const;
};

/// The machine's clock, and random bits from the kernel.
[[nodiscard]] World real_world();

/// A version 4 UUID from 128 random bits (RFC 9562).
[[nodiscard]] std::string uuid(std::uint64_t high, std::uint64_t low);

}  // namespace podwire::server
