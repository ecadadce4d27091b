#include "state/link.h"

#include <fmt/format.h>

namespace podwire::state {

std::string describe(const Link& link) {
  return fmt::format("{} ({}index {}, {}, mtu {}, {})", link.name, link.kind.empty() ? "" : link.kind + ", ",
                     link.index, link.mac.str(), link.mtu, link.up ? "up" : "down");
}

}  // namespace podwire::state
