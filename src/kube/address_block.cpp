#include "kube/address_block.h"

#include <fmt/format.h>

namespace podwire::kube {

std::string address_block_name(const Cidr& network) {
  std::string out;
  const auto address = network.addr();
  const auto bytes = address.bytes();
  if (address.is_v4())
    for (const auto byte : bytes) out += fmt::format("{}-", std::to_integer<unsigned>(byte));
  else
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
      out += fmt::format(
          "{:x}-", (std::to_integer<unsigned>(bytes[i]) << 8) | std::to_integer<unsigned>(bytes[i + 1]));
  return out + fmt::format("{}", network.length());
}

}  // namespace podwire::kube
