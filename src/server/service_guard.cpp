#include "server/service_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "kube/rules/labels.h"
#include "plan/service_addresses.h"
#include "server/address_object.h"
#include "server/service_cidr_guard.h"
#include "server/service_fields.h"

namespace podwire::server {
namespace {

using kube::text_in;

std::unexpected<kube::Status> refused(const plan::AddressRefusal& refusal, const json::object& service) {
  const auto name = text_in(service, "metadata", "name");
  if (!refusal.internal.empty()) return kube::internal_error(refusal.internal);
  kube::Status out{.code = 422, .reason = "Invalid", .name = std::string(name), .kind = "Service"};
  std::string all;
  for (const auto& f : refusal.fields) {
    all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", f.field, f.message);
    out.causes.push_back({f.reason, f.message, f.field});
  }
  if (refusal.fields.size() > 1) all = "[" + all + "]";
  out.message = fmt::format("Service \"{}\" is invalid: {}", name, all);
  return std::unexpected(std::move(out));
}

}  // namespace

kube::Answer<Guard::Taken> ServiceGuard::admit(const json::object* old, json::object* object,
                                               std::vector<Write>& also, bool dry_run) {
  if (object == nullptr) return admit_removal(*old, also);
  const auto now = fields_of(*object);
  const auto before = old != nullptr ? std::optional(fields_of(*old)) : std::nullopt;
  auto planned = plan::plan_addresses(before ? &*before : nullptr, now, pool_->families);
  if (!planned) return refused(planned.error(), *object);
  if (auto taken = plan::take(*planned, pool_->ips, pool_->ports); !taken)
    return refused(taken.error(), *object);
  put_fields(planned->fields, *object);
  if (dry_run) {
    plan::undo(*planned, pool_->ips, pool_->ports);
    return Taken();
  }
  for (const auto& address : planned->addresses)
    if (const auto given = IpAddr::parse(planned->fields.cluster_ips[address.index]))
      add_address(*given, *object, also);
  for (const auto& address : planned->released_addresses) remove_address(address, also);
  const auto shared = std::make_shared<plan::AddressPlan>(std::move(*planned));
  return Taken{.undo = [pool = pool_, shared] { plan::undo(*shared, pool->ips, pool->ports); },
               .release = [pool = pool_, shared] { plan::release(*shared, pool->ips, pool->ports); }};
}

kube::Answer<Guard::Taken> ServiceGuard::admit_removal(const json::object& old, std::vector<Write>& also) {
  const auto shared = std::make_shared<plan::AddressPlan>(plan::plan_removal(fields_of(old)));
  for (const auto& address : shared->released_addresses) remove_address(address, also);
  return Taken{.undo = {},
               .release = [pool = pool_, shared] { plan::release(*shared, pool->ips, pool->ports); }};
}

void ServiceGuard::add_address(const IpAddr& address, const json::object& service,
                               std::vector<Write>& also) const {
  const auto* resource = registry_.schema().resource("networking.k8s.io", "v1", "ipaddresses");
  auto object = address_object(address, text_in(service, "metadata", "namespace"),
                               text_in(service, "metadata", "name"));
  // Its metadata has nothing that could be refused.
  if (!begin_life(*resource, object, {"", ""}, registry_.world().moment())) return;
  Write write{.key = {std::string(kIpAddresses), "", address.str()}};
  write.labels = kube::labels_of(object);
  // An IPAddress that is there although nobody has the address is a leak that this write repairs.
  if (const auto there = registry_.store().get(write.key)) write.seen = there->revision;
  write.object = std::move(object);
  also.push_back(std::move(write));
}

void ServiceGuard::remove_address(const IpAddr& address, std::vector<Write>& also) const {
  const Key key{std::string(kIpAddresses), "", address.str()};
  if (const auto there = registry_.store().get(key)) also.push_back({.key = key, .seen = there->revision});
}

std::shared_ptr<ServicePool> guard_services(Registry& registry, const Options& options) {
  auto pool = std::make_shared<ServicePool>(options, registry.world().random);
  pool->learn(registry.store());
  registry.guard("services", std::make_shared<ServiceGuard>(registry, pool));
  registry.guard("servicecidrs.networking.k8s.io", std::make_shared<ServiceCidrGuard>(registry, pool));
  registry.guard(std::string(kIpAddresses), std::make_shared<IpAddressGuard>(registry, pool));
  return pool;
}

}  // namespace podwire::server
