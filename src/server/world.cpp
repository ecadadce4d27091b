#include "server/world.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <random>
#include <utility>

#include "kube/rules/names.h"

namespace podwire::server {

std::string uuid(std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xf000ULL) | 0x4000ULL;    // version 4
  low = (low & ~(3ULL << 62)) | 2ULL << 62;  // variant 10
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xffff,
                     low >> 48, low & 0xffffffffffffULL);
}

Moment World::moment() const {
  Moment out{.now = now(), .uid = uuid(random(), random())};
  out.name_suffix = kube::name_suffix(
      [bits = random()](std::size_t below) mutable { return std::exchange(bits, bits / below) % below; });
  return out;
}

World real_world() {
  return {.now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); },
          .random =
              [] {
                std::uint64_t out = 0;
                // getrandom gives 8 bytes whole, and fails only before the kernel has any; random_device then
                // waits.
                if (::getrandom(&out, sizeof out, 0) == sizeof out) return out;
                std::random_device device;
                return std::uint64_t{device()} << 32 | device();
              }};
}

}  // namespace podwire::server
