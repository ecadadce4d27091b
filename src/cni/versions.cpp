#include <algorithm>

#include "cni/netconf.h"

namespace podwire::cni {

const std::vector<std::string>& supported_versions() {
  static const std::vector<std::string> versions{"0.1.0", "0.2.0", "0.3.0", "0.3.1",
                                                 "0.4.0", "1.0.0", "1.1.0"};
  return versions;
}

int compare_versions(std::string_view a, std::string_view b) {
  const auto& all = supported_versions();  // ascending
  const auto at = [&](std::string_view v) { return std::ranges::find(all, v) - all.begin(); };
  return at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0;
}

}  // namespace podwire::cni
