#include "state/route.h"

#include <fmt/format.h>

namespace podwire::state {
namespace {

std::string_view kind_of(RouteType type) {
  switch (type) {
    case RouteType::unicast:
      return "";
    case RouteType::local:
      return "local ";
    case RouteType::broadcast:
      return "broadcast ";
    case RouteType::anycast:
      return "anycast ";
    case RouteType::multicast:
      return "multicast ";
    case RouteType::blackhole:
      return "blackhole ";
    case RouteType::unreachable:
      return "unreachable ";
    case RouteType::prohibit:
      return "prohibit ";
  }
  return "";
}

}  // namespace

std::string describe(const Route& r) {
  std::string out(kind_of(r.type));
  out += r.dst.length() == 0 ? "default" : r.dst.str();
  if (r.dst.length() == 0 && r.dst.family() == Family::v6) out += " (IPv6)";
  if (r.gateway) out += " via " + r.gateway->str();
  if (r.link_index != 0) out += fmt::format(" dev {}", r.link_index);
  if (r.source) out += " src " + r.source->str();
  if (r.table != 254) out += fmt::format(" table {}", r.table);
  if (r.metric != 0) out += fmt::format(" metric {}", r.metric);
  if (r.mtu != 0) out += fmt::format(" mtu {}", r.mtu);
  if (r.advmss != 0) out += fmt::format(" advmss {}", r.advmss);
  if (r.onlink) out += " onlink";
  return out;
}

}  // namespace podwire::state
