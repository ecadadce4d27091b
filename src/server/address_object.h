#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "base/addr.h"

namespace podwire::server {

inline constexpr std::string_view kIpAddresses = "ipaddresses.networking.k8s.io";
inline constexpr std::string_view kFamilyLabel = "ipaddress.kubernetes.io/ip-family",
                                  kManagedByLabel = "ipaddress.kubernetes.io/managed-by";
/// Who manages the IPAddresses of Services, as Kubernetes calls it.
inline constexpr std::string_view kAllocator = "ipallocator.k8s.io";

/// The IPAddress object that says that a Service has this ClusterIP.
[[nodiscard]] boost::json::object address_object(const IpAddr& address, std::string_view ns,
                                                 std::string_view service);

}  // namespace podwire::server
