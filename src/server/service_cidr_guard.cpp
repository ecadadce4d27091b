#include "server/service_cidr_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "server/service_fields.h"

namespace podwire::server {
namespace {

using kube::text_in;

void add_finalizer(json::object& object) {
  auto& list = kube::object_at(object, "metadata")["finalizers"];
  auto& finalizers = list.is_array() ? list.get_array() : list.emplace_array();
  const json::value wanted(kServiceCidrFinalizer);
  if (std::ranges::find(finalizers, wanted) == finalizers.end()) finalizers.push_back(wanted);
}

bool all_are_networks(const json::object& object) {
  const auto* list = kube::array_in(object, "spec", "cidrs");
  return list != nullptr && std::ranges::all_of(*list, [](const json::value& item) {
           const auto* text = item.if_string();
           const auto cidr = Cidr::parse(text != nullptr ? std::string_view(*text) : std::string_view());
           return cidr && cidr->is_network();
         });
}

std::unexpected<kube::Status> unusable(std::string_view name, std::string_view why) {
  const auto message = fmt::format("Invalid value: {}", why);
  return std::unexpected(kube::Status{
      .code = 422,
      .reason = "Invalid",
      .message =
          fmt::format("ServiceCIDR.networking.k8s.io \"{}\" is invalid: spec.cidrs: {}", name, message),
      .name = std::string(name),
      .group = "networking.k8s.io",
      .kind = "ServiceCIDR",
      .causes = {{"FieldValueInvalid", message, "spec.cidrs"}}});
}

std::string name_of(const json::object& object) { return std::string(text_in(object, "metadata", "name")); }

}  // namespace

Result<std::vector<Cidr>> cidrs_of(const json::object& service_cidr) {
  std::vector<Cidr> out;
  if (const auto* list = kube::array_in(service_cidr, "spec", "cidrs"))
    for (const auto& item : *list) {
      const auto* text = item.if_string();
      const auto cidr = Cidr::parse(text != nullptr ? std::string_view(*text) : std::string_view());
      if (!cidr) return fail("read", "spec.cidrs", 0, "is no CIDR");
      TRY(plan::ServiceRange::of(*cidr));
      out.push_back(*cidr);
    }
  return out;
}

void set_ready(json::object& service_cidr, bool ready, std::string_view reason, std::string_view message,
               std::chrono::sys_seconds now) {
  auto& value = kube::object_at(service_cidr, "status")["conditions"];
  auto& conditions = value.is_array() ? value.get_array() : value.emplace_array();
  const std::string_view status = ready ? "True" : "False";
  json::object wanted{{"type", "Ready"},
                      {"status", status},
                      {"reason", reason},
                      {"message", message},
                      {"lastTransitionTime", rfc3339(now)}};
  for (auto& item : conditions) {
    const auto* condition = item.if_object();
    if (condition == nullptr || text_in(*condition, "type") != "Ready") continue;
    if (text_in(*condition, "status") == status)
      wanted["lastTransitionTime"] = text_in(*condition, "lastTransitionTime");
    item = std::move(wanted);
    return;
  }
  conditions.emplace_back(std::move(wanted));
}

kube::Answer<Guard::Taken> ServiceCidrGuard::admit(const json::object* old, json::object* object,
                                                   std::vector<Write>&, bool dry_run) {
  const auto name = name_of(object != nullptr ? *object : *old);
  if (object == nullptr)
    return Taken{.undo = {}, .release = [pool = pool_, name] { pool->ips.remove(name); }};
  if (!text_in(*object, "metadata", "deletionTimestamp").empty())
    return Taken{.undo = {}, .release = [pool = pool_, name] { pool->ips.retire(name); }};
  auto cidrs = cidrs_of(*object);
  if (!cidrs) {
    // Validation, which comes next, says it in its own words; what it has nothing against is refused here.
    if (!all_are_networks(*object)) return Taken();
    return unusable(name, cidrs.error().message());
  }
  add_finalizer(*object);
  if (old == nullptr)
    set_ready(*object, true, "",
              name == kDefaultServiceCidr ? "Kubernetes default Service CIDR is ready"
                                          : "Kubernetes Service CIDR is ready",
              registry_.world().now());
  if (dry_run) return Taken();
  return Taken{.undo = {}, .release = [pool = pool_, name, ranges = std::move(*cidrs)] {
                 // Each of them was looked at before.
                 (void)pool->ips.add(name, ranges);
               }};
}

kube::Answer<Guard::Taken> IpAddressGuard::admit(const json::object* old, json::object* object,
                                                 std::vector<Write>&, bool dry_run) {
  const auto address = IpAddr::parse(name_of(object != nullptr ? *object : *old));
  if (!address) return Taken();
  if (object == nullptr)
    return Taken{.undo = {}, .release = [pool = pool_, &store = registry_.store(), address = *address] {
                   if (some_service_has(store, address))
                     pool->wants_repair = true;
                   else
                     pool->ips.release(address);
                 }};
  if (old != nullptr || dry_run || pool_->ips.in_use(*address)) return Taken();
  pool_->ips.occupy(*address);
  return Taken{.undo = [pool = pool_, address = *address] { pool->ips.release(address); }, .release = {}};
}

}  // namespace podwire::server
