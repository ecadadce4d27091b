#include "state/neighbour.h"

#include <fmt/format.h>

namespace podwire::state {

std::string_view name_of(NeighbourState state) {
  switch (state) {
    case NeighbourState::none:
      return "none";
    case NeighbourState::incomplete:
      return "incomplete";
    case NeighbourState::reachable:
      return "reachable";
    case NeighbourState::stale:
      return "stale";
    case NeighbourState::delay:
      return "delay";
    case NeighbourState::probe:
      return "probe";
    case NeighbourState::failed:
      return "failed";
    case NeighbourState::noarp:
      return "noarp";
    case NeighbourState::permanent:
      return "permanent";
  }
  return "mixed";
}

std::string describe(const Neighbour& n) {
  if (n.proxy) return fmt::format("{} dev {} proxy", n.addr.str(), n.link_index);
  return fmt::format("{} dev {} {} {}", n.addr.str(), n.link_index,
                     n.mac ? "lladdr " + n.mac->str() : "unresolved", name_of(n.state));
}

std::string describe(const FdbEntry& e) {
  return fmt::format("{} dev {}{}{} {}", e.mac.str(), e.link_index, e.remote ? " dst " + e.remote->str() : "",
                     e.self ? " self" : " master", name_of(e.state));
}

}  // namespace podwire::state
