#include "server/address_object.h"

namespace podwire::server {

namespace json = boost::json;

json::object address_object(const IpAddr& address, std::string_view ns, std::string_view service) {
  json::object meta{{"name", address.str()}};
  meta["labels"] = json::object{{kFamilyLabel, name_of(address.family())}, {kManagedByLabel, kAllocator}};
  json::object parent{{"resource", "services"}, {"namespace", ns}, {"name", service}};
  json::object out{{"kind", "IPAddress"}, {"apiVersion", "networking.k8s.io/v1"}};
  out["metadata"] = std::move(meta);
  out["spec"] = json::object{{"parentRef", std::move(parent)}};
  return out;
}

}  // namespace podwire::server
