#include "server/auth/attributes.h"

#include <fmt/format.h>

namespace podwire::server {

std::string denial(const Attributes& wanted, std::string_view reason) {
  const auto why = reason.empty() ? std::string() : fmt::format(": {}", reason);
  const auto who = fmt::format("User \"{}\" cannot {}", wanted.user.name, wanted.verb);
  if (wanted.resource.empty()) return fmt::format("{} path \"{}\"{}", who, wanted.path, why);
  const auto what = wanted.subresource.empty() ? std::string(wanted.resource)
                                               : fmt::format("{}/{}", wanted.resource, wanted.subresource);
  const auto where = wanted.ns.empty() ? std::string("at the cluster scope")
                                       : fmt::format("in the namespace \"{}\"", wanted.ns);
  return fmt::format("{} resource \"{}\" in API group \"{}\" {}{}", who, what, wanted.group, where, why);
}

}  // namespace podwire::server
