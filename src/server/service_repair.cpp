#include "server/service_repair.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "kube/codec/go_time.h"
#include "kube/json.h"
#include "server/address_object.h"
#include "server/record_event.h"
#include "server/service_fields.h"

namespace podwire::server {
namespace {

using kube::text_in;

constexpr std::size_t kPiece = 200;       // objects that are read before others run
constexpr std::size_t kMostRepairs = 50;  // of each sort in one round
constexpr std::size_t kMostWarnings = 20;
// As Kubernetes calls its repair controllers.
constexpr std::string_view kAddressRepair = "ipallocator-repair-controller",
                           kPortRepair = "portallocator-repair-controller";

std::chrono::sys_seconds created_at(const json::object& object) {
  const auto time =
      kube::parse_time(text_in(object, "metadata", "creationTimestamp"), kube::TimeForm::seconds);
  return std::chrono::sys_seconds(std::chrono::seconds(time ? time->seconds : 0));
}

plan::ServiceRecord service_record(const Object& item) {
  const auto fields = fields_of(parse_stored(item));
  return {
      .ns = item.key.ns, .name = item.key.name, .addresses = addresses_of(fields), .ports = ports_of(fields)};
}

std::optional<plan::AddressRecord> address_record(const Object& item) {
  const auto address = IpAddr::parse(item.key.name);
  if (!address) return std::nullopt;
  const auto object = parse_stored(item);
  const auto family = text_in(object, "metadata", "labels", kFamilyLabel);
  plan::AddressRecord out{.addr = *address, .created = created_at(object)};
  out.managed = text_in(object, "metadata", "labels", kManagedByLabel) == kAllocator;
  out.labels_right = out.managed && family == name_of(address->family());
  if (const auto* parent = kube::object_in(object, "spec", "parentRef");
      parent != nullptr && text_in(*parent, "resource") == "services" && text_in(*parent, "group").empty()) {
    out.ns = text_in(*parent, "namespace");
    out.service = text_in(*parent, "name");
  }
  return out;
}

/// The first ones, and whether there were more.
template <class T>
bool keep_first(std::vector<T>& list, std::size_t most) {
  const bool more = list.size() > most;
  if (more) list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
  return more;
}

/// All objects of a resource as of one revision, a piece at a time. False: that was too long ago.
Task<bool> each(const Store& store, std::string resource, std::uint64_t revision,
                std::function<void(const Object&)> see) {
  ListQuery query{.resource = std::move(resource), .ns = std::nullopt, .after = std::nullopt};
  query.revision = revision;
  query.limit = kPiece;
  while (true) {
    const auto page = store.list(query);
    if (!page) co_return false;
    for (const auto& item : page->items) see(*item);
    if (!page->more) co_return true;
    query.after = {page->items.back()->key.ns, page->items.back()->key.name};
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
}

}  // namespace

Task<bool> ServiceRepair::look(Seen& seen) {
  const auto revision = registry_.store().revision();
  auto services = co_await each(registry_.store(), "services", revision,
                                [&](const Object& item) { seen.services.push_back(service_record(item)); });
  if (!services) co_return false;
  auto addresses =
      co_await each(registry_.store(), std::string(kIpAddresses), revision, [&](const Object& item) {
        if (auto record = address_record(item)) seen.addresses.push_back(std::move(*record));
      });
  co_return addresses;
}

Task<void> ServiceRepair::round() {
  pool_->wants_repair = false;
  Seen seen;
  const bool whole = co_await look(seen);
  if (!whole) co_return;
  co_await repair_addresses(seen);
  auto ports = plan::repair_ports(seen.services, pool_->ports, suspects_);
  repair_ports(ports);
  suspects_ = std::move(ports.suspects);
  co_await warn(std::move(ports.warnings), std::string(kPortRepair));
}

Task<void> ServiceRepair::repair_addresses(const Seen& seen) {
  auto found = plan::repair_addresses(seen.services, seen.addresses, pool_->ips, registry_.world().now());
  // An address that a Service has must not be given to another one, whatever else is to be done about it.
  for (const auto& service : seen.services)
    for (const auto& address : service.addresses)
      if (!pool_->ips.in_use(address) && some_service_has(registry_.store(), address))
        pool_->ips.occupy(address);
  if (keep_first(found.remove, kMostRepairs)) pool_->wants_repair = true;
  if (keep_first(found.create, kMostRepairs)) pool_->wants_repair = true;
  for (const auto& address : found.remove) co_await remove(address);
  for (auto& made : found.create) co_await create(std::move(made));
  co_await warn(std::move(found.warnings), std::string(kAddressRepair));
}

/// Should some Service have the address by now, its guard sees to it that the next round makes it anew.
Task<void> ServiceRepair::remove(IpAddr address) {
  const auto& resource = *registry_.schema().resource("networking.k8s.io", "v1", "ipaddresses");
  Place place{"", address.str()};
  const auto removed = co_await registry_.remove(resource, std::move(place), {});
  (void)removed;  // not there any more, or there again: the next round looks
}

Task<void> ServiceRepair::create(plan::AddressRepair::Made made) {
  if (!some_service_has(registry_.store(), made.addr)) co_return;
  const auto& resource = *registry_.schema().resource("networking.k8s.io", "v1", "ipaddresses");
  auto object = address_object(made.addr, made.ns, made.service);
  const auto created = co_await registry_.create(resource, Place{}, std::move(object),
                                                 Author{.manager = std::string(kAddressRepair)}, {});
  (void)created;
}

Task<void> ServiceRepair::warn(std::vector<plan::RepairWarning> warnings, std::string component) {
  keep_first(warnings, kMostWarnings);
  for (auto& warning : warnings) {
    const bool of_service = !warning.service.empty();
    Occurrence o{.api_version = of_service ? "v1" : "networking.k8s.io/v1",
                 .kind = of_service ? "Service" : "IPAddress",
                 .ns = warning.ns,
                 .name = of_service ? warning.service : warning.addr.str(),
                 .reason = std::move(warning.reason),
                 .message = std::move(warning.message),
                 .component = component};
    if (const auto service = of_service ? registry_.store().get({"services", o.ns, o.name}) : nullptr)
      o.uid = text_in(parse_stored(*service), "metadata", "uid");
    co_await record_warning(registry_, std::move(o));
  }
}

void ServiceRepair::repair_ports(const plan::PortRepair& found) {
  for (const auto port : found.release)
    if (!some_service_holds(registry_.store(), port)) pool_->ports.release(port);
  for (const auto port : found.occupy)
    if (some_service_holds(registry_.store(), port)) pool_->ports.occupy(static_cast<std::uint16_t>(port));
}

}  // namespace podwire::server
