#pragma once
#include <boost/json/object.hpp>
#include <vector>

#include "plan/service_addresses.h"
#include "server/store/store.h"

namespace podwire::server {

namespace json = boost::json;

/// What a Service says of its addresses and ports.
[[nodiscard]] plan::ServiceFields fields_of(const json::object& service);
/// Writes what was decided into the Service.
void put_fields(const plan::ServiceFields& fields, json::object& service);

/// Its ClusterIPs; none where it is headless.
[[nodiscard]] std::vector<IpAddr> addresses_of(const plan::ServiceFields& fields);
/// The ports that it holds on every node, each once.
[[nodiscard]] std::vector<unsigned> ports_of(const plan::ServiceFields& fields);

/// Whether an address is some Service's ClusterIP, or a port some Service's on every node. For rare
/// occasions: all Services are gone through.
[[nodiscard]] bool some_service_has(const Store& store, const IpAddr& address);
[[nodiscard]] bool some_service_holds(const Store& store, unsigned port);

}  // namespace podwire::server
