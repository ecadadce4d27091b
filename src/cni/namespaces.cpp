#include "cni/namespaces.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace podwire::cni {

CniResult<kernel::NetNs> open_container(const Call& call, const kernel::NetNs& here) {
  const std::string& path = call.invocation.netns;
  auto container = call.host.open_netns(path);
  if (!container) {
    const bool gone = container.error().sys_errno == ENOENT;
    return refuse(gone ? Code::unknown_container : Code::bad_netns,
                  "CNI_NETNS: " + container.error().message());
  }
  const char* allowed = std::getenv("CNI_NETNS_OVERRIDE");
  if (container->same_as(here) && (allowed == nullptr || std::string_view(allowed) != "1"))
    return refuse(Code::bad_netns, "CNI_NETNS: " + path + " is the plugin's own network namespace");
  return std::move(*container);
}

}  // namespace podwire::cni
