#include "kernel/fake/addresses.h"
#include "kernel/fake/devices.h"
#include "kernel/fake/fake_rtnl.h"
#include "kernel/fake/fib.h"
#include "kernel/fake/kernel_routes.h"

namespace podwire::kernel::fake {
namespace {

/// Duplicate address detection ends at once here, but as in the kernel it does not start without carrier.
bool is_tentative(const Namespace& home, const state::Address& address) {
  const auto device = home.devices.find(address.link_index);
  return address.cidr.family() == Family::v6 && !address.no_dad && device != home.devices.end() &&
         !device->second.ready && !is_loopback(device->second);
}

std::string_view how(Existing existing) { return existing == Existing::replace ? "replace" : "add"; }

}  // namespace

Result<std::vector<state::Address>> FakeRtnl::addresses(std::optional<Family> family, int link_index) {
  std::vector<state::Address> out;
  for (const auto& address : home_->addresses) {
    if (family && address.cidr.family() != *family) continue;
    if (link_index != 0 && address.link_index != link_index) continue;
    out.push_back(address);
    out.back().tentative = is_tentative(*home_, address);
  }
  return out;
}

Result<> FakeRtnl::add_address(const state::Address& address, Existing existing) {
  const auto call = fmt::format("rtnl {}_address {} on {}", how(existing), address.cidr.str(),
                                home_->name_of(address.link_index));
  return machine_->mutate(call,
                          [&] { return fake::add_address(*home_, address, existing == Existing::replace); });
}

Result<> FakeRtnl::delete_address(const state::Address& address) {
  const auto call =
      fmt::format("rtnl delete_address {} on {}", address.cidr.str(), home_->name_of(address.link_index));
  return machine_->mutate(call, [&] { return fake::delete_address(*home_, address); });
}

Result<std::vector<state::Route>> FakeRtnl::routes(std::optional<Family> family, std::uint32_t table) {
  std::vector<state::Route> out;
  for (const auto& route : home_->routes)
    if ((!family || route.dst.family() == *family) && (table == 0 || route.table == table))
      out.push_back(route);
  return out;
}

Result<> FakeRtnl::add_route(const state::Route& route, Existing existing) {
  return machine_->mutate(fmt::format("rtnl {}_route {}", how(existing), describe(route)),
                          [&] { return fake::add_route(*home_, route, existing == Existing::replace); });
}

Result<> FakeRtnl::delete_route(const state::Route& route) {
  return machine_->mutate("rtnl delete_route " + describe(route),
                          [&] { return fake::delete_route(*home_, route); });
}

Result<state::RouteAnswer> FakeRtnl::route_to(const IpAddr& dst, bool fib_match) {
  return answer(*home_, dst, fib_match);
}

}  // namespace podwire::kernel::fake
