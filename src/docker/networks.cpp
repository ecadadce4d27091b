#include "docker/networks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/log.h"
#include "docker/container_store.h"
#include "kernel/rtnl/bridge.h"
#include "oci/container_log.h"
#include "oci/json_view.h"
#include "oci/tree.h"
#include "runtime/new_id.h"

namespace podwire::docker {
namespace {

/// Names that mean something else where a network's name stands.
constexpr std::array<std::string_view, 3> kReserved{"none", "host", "bridge"};

/// Marks a bridge as ours, so that Docker's own docker0 is never taken for it.
std::string alias_of(const Network& network) { return "podwire network " + network.name; }

CniDirs dirs_of(const Site& site) { return {site.cni_dir(), site.ipam_dir()}; }

/// Does a bridge of that name belong to somebody else? One without alias, address and port is what a kill
/// left of ours.
Result<bool> is_foreign(kernel::Rtnl& rtnl, const state::Link& link, const Network& network) {
  if (link.alias == alias_of(network)) return false;
  if (!link.alias.empty()) return true;
  const auto addresses = TRY(rtnl.addresses({}, link.index));
  if (std::ranges::any_of(addresses, [](const state::Address& a) { return !a.cidr.addr().is_link_local(); }))
    return true;
  const auto links = TRY(rtnl.links());
  return std::ranges::any_of(links, [&](const state::Link& l) { return l.master_index == link.index; });
}

}  // namespace

std::string Networks::path(const std::string& name) const {
  return fmt::format("{}/{}.json", site_.networks_dir(), name);
}

Result<> Networks::write(const Network& network) const {
  TRY(make_directories(site_.networks_dir()));
  return write_file_atomic(path(network.name),
                           oci::pretty_json(encode_network(network, dirs_of(site_))) + "\n");
}

Result<std::vector<Network>> Networks::read_all() const {
  std::vector<Network> out;
  for (const auto& file : TRY(list_directory(site_.networks_dir()))) {
    if (file.starts_with('.') || !file.ends_with(".json")) continue;
    const auto text = read_file(site_.networks_dir() + "/" + file);
    auto network = text ? decode_network(*text) : Result<Network>(std::unexpected(text.error()));
    if (network)
      out.push_back(std::move(*network));
    else
      log::warn("network cannot be read", {{"file", file}, {"error", network.error().message()}});
  }
  std::ranges::sort(out, {}, [](const Network& n) { return std::pair(!n.is_default(), n.name); });
  return out;
}

Result<Network> Networks::plan(const NetworkRequest& request, const std::vector<Network>& existing) const {
  std::vector<Cidr> taken, routed;
  for (const auto& network : existing)
    for (const auto& subnet : network.subnets) taken.push_back(subnet.cidr);
  const auto rtnl = TRY(site_.host().rtnl(site_.netns()));
  // A bridge of ours that outlived its file does not stand in its own way.
  const auto own = rtnl->link(request.name);
  const int own_index = own && own->alias == "podwire network " + request.name ? own->index : -1;
  for (const auto& route : TRY(rtnl->routes()))
    if (route.dst.length() != 0 && route.link_index != own_index) routed.push_back(route.dst);
  auto network = TRY(plan_network(request, TRY(runtime::new_id()), site_.id(), taken, routed));
  network.created = oci::timestamp(std::chrono::system_clock::now());
  return network;
}

Result<std::vector<Network>> Networks::list() const {
  auto all = TRY(read_all());
  if (!all.empty() && all[0].is_default()) return all;
  const auto standard = TRY(plan({.name = std::string(kDefaultNetwork)}, all));
  TRY(write(standard));
  all.insert(all.begin(), standard);
  return all;
}

Result<Network> Networks::find(const std::string& reference) const {
  const std::string wanted = reference == "bridge" ? std::string(kDefaultNetwork) : reference;
  std::vector<Network> matches;
  for (auto& network : TRY(list())) {
    const Match m = match(wanted, network.name, network.id);
    if (m == Match::exact) return std::move(network);
    if (m == Match::beginning) matches.push_back(std::move(network));
  }
  if (matches.size() > 1)
    return fail("find network", reference, 0, "several ids begin with it: give more digits");
  if (matches.empty())
    return fail("find network", reference, ENOENT,
                fmt::format("podwire network create {} makes it", reference));
  return std::move(matches[0]);
}

Result<Network> Networks::create(const NetworkRequest& request) const {
  if (std::ranges::find(kReserved, request.name) != kReserved.end())
    return fail("create network", request.name, EINVAL, "the name has a meaning of its own");
  // docker0 can be made by hand before its first use, and so be given another subnet.
  const auto existing = request.name == kDefaultNetwork ? TRY(read_all()) : TRY(list());
  for (const auto& other : existing)
    if (other.name == request.name)
      return fail("create network", request.name, EEXIST,
                  "podwire network inspect shows it; podwire network rm removes it");
  auto network = TRY(plan(request, existing));
  for (const auto& other : existing)
    if (other.bridge == network.bridge)
      return fail("create network", request.name, EEXIST,
                  fmt::format("network {} has the bridge {}", other.name, other.bridge));
  TRY(write(network));
  if (auto made = ensure_device(network); !made) {
    [[maybe_unused]] const auto gone = remove_file(path(network.name));
    return std::unexpected(std::move(made.error()).in("create network " + request.name));
  }
  return network;
}

Result<> Networks::ensure_device(const Network& network) const {
  const auto rtnl = TRY(site_.host().rtnl(site_.netns()));
  const auto sysctl = TRY(site_.host().sysctl(site_.netns()));
  if (const auto there = rtnl->link(network.bridge); there && TRY(is_foreign(*rtnl, *there, network)))
    return fail("use bridge", network.bridge, EEXIST,
                "it is not podwire's (Docker's own, maybe); use another network, or podwire's own namespace "
                "(--netns podwire)");
  kernel::BridgeWanted wanted{.spec = {.name = network.bridge, .mtu = network.mtu}};
  for (const auto& subnet : network.subnets)
    wanted.gateways.emplace_back(subnet.gateway, subnet.cidr.length());
  const auto bridge = TRY(kernel::ensure_bridge(*rtnl, *sysctl, wanted));
  if (bridge.alias == alias_of(network)) return {};
  return rtnl->change_link(bridge.index, {.alias = alias_of(network)});
}

Result<> Networks::remove(const Network& network, const std::vector<std::string>& attached) const {
  if (!attached.empty())
    return fail("remove network", network.name, EBUSY,
                fmt::format("containers are attached: {}", fmt::join(attached, ", ")));
  // What containers left that were killed together with their keeper, before the bridge that they hung on.
  TRY(TRY(cni(network)).collect_garbage({}));
  const auto rtnl = TRY(site_.host().rtnl(site_.netns()));
  const auto bridge = rtnl->link(network.bridge);
  if (!bridge && bridge.error().sys_errno != ENODEV) return std::unexpected(bridge.error());
  if (bridge && bridge->alias == alias_of(network)) TRY(rtnl->delete_link(bridge->index));
  for (const auto& dir : {site_.cni_dir(), site_.ipam_dir()}) TRY(oci::remove_tree(dir + "/" + network.name));
  TRY(remove_file(path(network.name)));
  return {};
}

Result<CniClient> Networks::cni(const Network& network) const {
  auto conflist = TRY(oci::parse_json(TRY(read_file(path(network.name))), path(network.name)));
  if (!conflist.is_object() || !conflist.as_object().contains("plugins") ||
      !conflist.at("plugins").is_array())
    return fail("read", path(network.name), 0, "\"plugins\" must be an array");
  return CniClient(site_, std::move(conflist.as_object()));
}

}  // namespace podwire::docker
