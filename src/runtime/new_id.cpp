#include "runtime/new_id.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

namespace podwire::runtime {

Result<std::string> new_id() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return fail("read random bytes", {}, errno);
  std::string out;
  for (const unsigned b : bytes) out += fmt::format("{:02x}", b);
  return out;
}

}  // namespace podwire::runtime
