#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "docker/address_pools.h"
#include "docker/network.h"

namespace podwire::docker {
namespace {

constexpr std::uint32_t kLeastMtu = 68, kLeastMtu6 = 1280, kMostMtu = 65535;

Result<Cidr> parse_subnet(const std::string& text) {
  const Cidr cidr = TRY(Cidr::parse(text));
  const unsigned longest = address_bits(cidr.family()) - 2;
  if (!cidr.is_network())
    return fail("use subnet", text, EINVAL,
                fmt::format("host bits are set; did you mean {}?", cidr.network().str()));
  if (cidr.length() > longest || cidr.length() < 4)
    return fail("use subnet", text, EINVAL,
                fmt::format("its prefix length must be between 4 and {}", longest));
  if (cidr.addr().is_multicast() || cidr.addr().is_loopback())
    return fail("use subnet", text, EINVAL, "multicast and loopback addresses are not for containers");
  return cidr;
}

Subnet* holder_of(std::vector<Subnet>& subnets, const IpAddr& addr) {
  const auto found = std::ranges::find_if(subnets, [&](const Subnet& s) { return s.cidr.contains(addr); });
  return found == subnets.end() ? nullptr : &*found;
}

Result<> check_overlap(const Cidr& subnet, const std::vector<Cidr>& taken) {
  for (const auto& other : taken)
    if (other.family() == subnet.family() && other.overlaps(subnet))
      return fail("use subnet", subnet.str(), EEXIST,
                  fmt::format("it overlaps {} of another network", other.str()));
  return {};
}

Result<> choose_subnets(const NetworkRequest& request, const std::string& site,
                        const std::vector<Cidr>& taken, const std::vector<Cidr>& routed,
                        std::vector<Subnet>& out) {
  std::vector<Cidr> avoid = taken;
  avoid.insert(avoid.end(), routed.begin(), routed.end());
  for (const auto& text : request.subnets) {
    const Cidr subnet = TRY(parse_subnet(text));
    TRY(check_overlap(subnet, taken));
    for (const auto& other : out)
      if (other.cidr.family() == subnet.family())
        return fail("use subnet", text, EINVAL,
                    fmt::format("a network has one {} subnet", name_of(subnet.family())));
    out.push_back({.cidr = subnet});
  }
  const auto has = [&](Family f) {
    return std::ranges::any_of(out, [&](const Subnet& s) { return s.cidr.family() == f; });
  };
  // As Docker: an IPv4 subnet is there unless the user gave an IPv6 one only.
  if (out.empty() || (request.ipv6 && !has(Family::v4)))
    out.insert(out.begin(), Subnet{.cidr = TRY(free_subnet(default_pools(), avoid))});
  if (request.ipv6 && !has(Family::v6))
    out.push_back({.cidr = TRY(unique_local_subnet(site, request.name, avoid))});
  return {};
}

Result<> place_gateways(const NetworkRequest& request, std::vector<Subnet>& subnets) {
  for (auto& subnet : subnets)
    subnet.gateway = IpAddr::from_value(subnet.cidr.family(), subnet.cidr.first().value() + 1);
  for (const auto& text : request.gateways) {
    const IpAddr gateway = TRY(IpAddr::parse(text));
    Subnet* subnet = holder_of(subnets, gateway);
    if (subnet == nullptr) return fail("use gateway", text, EINVAL, "no subnet of the network holds it");
    if (gateway == subnet->cidr.first() || (gateway.is_v4() && gateway == subnet->cidr.last()))
      return fail("use gateway", text, EINVAL, "it is the subnet's own or broadcast address");
    subnet->gateway = gateway;
  }
  return {};
}

Result<> place_ranges(const NetworkRequest& request, std::vector<Subnet>& subnets) {
  for (const auto& text : request.ip_ranges) {
    const Cidr range = TRY(Cidr::parse(text));
    Subnet* subnet = holder_of(subnets, range.addr());
    if (subnet == nullptr || range.length() < subnet->cidr.length())
      return fail("use IP range", text, EINVAL, "no subnet of the network holds it");
    if (!range.is_network())
      return fail("use IP range", text, EINVAL,
                  fmt::format("host bits are set; did you mean {}?", range.network().str()));
    if (subnet->ip_range) return fail("use IP range", text, EINVAL, "a subnet has one range");
    if (range.is_host() && range.addr() == subnet->gateway)
      return fail("use IP range", text, EINVAL, "its only address is the gateway's");
    subnet->ip_range = range;
  }
  return {};
}

Result<> check_mtu(const NetworkRequest& request, const std::vector<Subnet>& subnets) {
  if (request.mtu == 0) return {};
  const bool v6 = std::ranges::any_of(subnets, [](const Subnet& s) { return s.cidr.family() == Family::v6; });
  const auto least = v6 ? kLeastMtu6 : kLeastMtu;
  if (request.mtu < least || request.mtu > kMostMtu)
    return fail("use MTU", std::to_string(request.mtu), EINVAL,
                fmt::format("it must be between {} and {}", least, kMostMtu));
  return {};
}

}  // namespace

bool valid_object_name(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 128 && alphanumeric(name.front()) &&
         std::ranges::all_of(name,
                             [&](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

Result<Network> plan_network(const NetworkRequest& request, const std::string& id, const std::string& site,
                             const std::vector<Cidr>& taken, const std::vector<Cidr>& routed) {
  if (!valid_object_name(request.name))
    return fail("name network", fmt::format("\"{}\"", request.name), EINVAL,
                "letters, digits, '_', '.' and '-', beginning with a letter or digit");
  Network out;
  out.name = request.name;
  out.id = id;
  out.internal = request.internal;
  out.icc = request.icc;
  out.masquerade = request.masquerade && !request.internal;
  out.mtu = request.mtu;
  out.labels = request.labels;
  out.bridge =
      request.bridge.empty() ? (out.is_default() ? request.name : "br-" + id.substr(0, 12)) : request.bridge;
  if (out.bridge.size() > 15 || !valid_object_name(out.bridge))
    return fail("name bridge", fmt::format("\"{}\"", out.bridge), EINVAL,
                "a device's name has 1 to 15 characters");
  TRY(choose_subnets(request, site, taken, routed, out.subnets));
  TRY(place_gateways(request, out.subnets));
  TRY(place_ranges(request, out.subnets));
  TRY(check_mtu(request, out.subnets));
  return out;
}

}  // namespace podwire::docker
