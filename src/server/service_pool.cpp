#include "server/service_pool.h"

#include "kube/json.h"
#include "server/registry.h"
#include "server/service_cidr_guard.h"
#include "server/service_fields.h"

namespace podwire::server {
namespace {

std::vector<ObjectPtr> all(const Store& store, std::string resource) {
  auto page = store.list({.resource = std::move(resource), .ns = std::nullopt, .after = std::nullopt});
  return page ? std::move(page->items) : std::vector<ObjectPtr>();
}

}  // namespace

ServicePool::ServicePool(const Options& options, const plan::Random& random)
    : ips(random), ports(options.node_ports, random) {
  for (const auto& range : options.service_cidrs) families.push_back(range.family());
}

void ServicePool::learn(const Store& store) {
  for (const auto& item : all(store, "servicecidrs.networking.k8s.io")) {
    const auto object = parse_stored(*item);
    // What is stored was checked when it was written; ranges that are refused now give no addresses.
    if (const auto cidrs = cidrs_of(object)) (void)ips.add(item->key.name, *cidrs);
    if (!kube::text_in(object, "metadata", "deletionTimestamp").empty()) ips.retire(item->key.name);
  }
  for (const auto& item : all(store, "services")) {
    const auto fields = fields_of(parse_stored(*item));
    for (const auto& address : addresses_of(fields)) ips.occupy(address);
    for (const auto port : ports_of(fields)) ports.occupy(static_cast<std::uint16_t>(port));
  }
  for (const auto& item : all(store, "ipaddresses.networking.k8s.io"))
    if (const auto address = IpAddr::parse(item->key.name)) ips.occupy(*address);
}

}  // namespace podwire::server
