#include "state/address.h"

#include <fmt/format.h>

namespace podwire::state {

std::string describe(const Address& a) {
  return fmt::format("{} on link {}{}", a.cidr.str(), a.link_index, a.tentative ? " (tentative)" : "");
}

}  // namespace podwire::state
