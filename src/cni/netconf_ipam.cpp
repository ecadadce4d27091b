#include <algorithm>
#include <array>

#include "cni/netconf_parts.h"

namespace podwire::cni {
namespace {

using plan::Range;
using plan::RangeSet;

constexpr std::array kOurTypes{std::string_view("podwire-cni"),       std::string_view("podwire-bridge"),
                               std::string_view("podwire-ipam"),      std::string_view("podwire-portmap"),
                               std::string_view("podwire-bandwidth"), std::string_view("podwire-loopback")};

CniResult<Range> read_range(const Field& from) {
  Range range;
  const auto subnet = TRY(from.member("subnet"));
  if (!subnet.given()) return refuse(Code::bad_config, subnet.path() + " is missing");
  TRY(subnet.read(range.subnet));
  TRY(TRY(from.member("rangeStart")).read(range.first));
  TRY(TRY(from.member("rangeEnd")).read(range.last));
  TRY(TRY(from.member("gateway")).read(range.gateway));
  auto complete = plan::complete(range);
  if (!complete) return refuse(Code::bad_config, from.path() + ": " + complete.error().message());
  return *complete;
}

CniResult<> read_range_sets(const Field& from, std::vector<RangeSet>& out) {
  return from.each([&](const Field& list) -> CniResult<> {
    RangeSet set;
    TRY(list.each([&](const Field& range) -> CniResult<> {
      set.push_back(TRY(read_range(range)));
      return {};
    }));
    if (set.empty()) return list.refuse("has no range");
    out.push_back(std::move(set));
    return {};
  });
}

/// Before 0.3.0 a result has one address of a family.
CniResult<> check_families(const std::vector<RangeSet>& sets, std::string_view version) {
  if (compare_versions(version, "0.3.0") >= 0) return {};
  for (const Family f : {Family::v4, Family::v6})
    if (std::ranges::count_if(sets, [&](const RangeSet& set) { return set.front().subnet.family() == f; }) >
        1)
      return refuse(Code::bad_config, "ipam.ranges: cniVersion " + std::string(version) +
                                          " has room for one " + std::string(name_of(f)) + " address");
  return {};
}

/// "10.1.2.3" or "10.1.2.3/24": the range knows its prefix length itself.
std::optional<IpAddr> parse_wanted(std::string_view text) {
  if (text.find('/') == std::string_view::npos) {
    const auto addr = IpAddr::parse(text);
    return addr ? std::optional(*addr) : std::nullopt;
  }
  const auto cidr = Cidr::parse(text);
  return cidr ? std::optional(cidr->addr()) : std::nullopt;
}

/// Replaces what was requested from a less preferred place.
CniResult<> read_wanted(const Field& from, std::vector<IpAddr>& out) {
  std::vector<IpAddr> wanted;
  TRY(from.each([&](const Field& element) -> CniResult<> {
    std::string text;
    TRY(element.require(text));
    const auto addr = parse_wanted(text);
    if (!addr) return element.refuse("is no IP address");
    wanted.push_back(*addr);
    return {};
  }));
  if (!wanted.empty()) out = std::move(wanted);
  return {};
}

CniResult<> read_wanted(const Invocation& invocation, std::vector<IpAddr>& out) {
  const auto it = invocation.args.find("IP");
  if (it == invocation.args.end()) return {};
  for (std::string_view text = it->second; !text.empty();) {
    const auto part = text.substr(0, text.find(','));
    const auto addr = parse_wanted(part);
    if (!addr)
      return refuse(Code::bad_environment, "CNI_ARGS: IP: \"" + std::string(part) + "\" is no IP address");
    out.push_back(*addr);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return {};
}

CniResult<> check_routes(const std::vector<ResultRoute>& routes) {
  for (std::size_t i = 0; i < routes.size(); ++i)
    if (!routes[i].dst.is_network())
      return refuse(Code::bad_config, "ipam.routes[" + std::to_string(i) + "].dst: \"" + routes[i].dst.str() +
                                          "\" has host bits set (its network is " +
                                          routes[i].dst.network().str() + ")");
  return {};
}

}  // namespace

bool is_our_type(std::string_view type) { return std::ranges::find(kOurTypes, type) != kOurTypes.end(); }
bool is_our_ipam(std::string_view type) {
  return type.empty() || type == "podwire-ipam" || type == "podwire-cni";
}

CniResult<std::optional<IpamConf>> read_ipam(const Field& conf) {
  const auto ipam = TRY(conf.member("ipam"));
  if (!ipam.given()) return std::nullopt;
  IpamConf out;
  const auto type = TRY(ipam.member("type"));
  TRY(type.read(out.type));
  out.ours = is_our_ipam(out.type);
  if (!out.ours) {
    // As a delegate it would read this same configuration, and delegate again without end.
    if (is_our_type(out.type)) return type.refuse("gives no addresses; podwire-ipam does");
    if (out.type.find('/') != std::string::npos) return type.refuse("is no plugin name");
    return out;
  }
  // `"ipam": {}` is how the CNI project's bridge is told that there are no addresses.
  const bool has_pools = TRY(ipam.member("ranges")).given() || TRY(ipam.member("subnet")).given() ||
                         TRY(TRY(conf.member("runtimeConfig")).member("ipRanges")).given();
  if (out.type.empty() && !has_pools) return std::nullopt;
  TRY(TRY(ipam.member("dataDir")).read_absolute_path(out.data_dir));
  return out;
}

CniResult<> read_pools(const Field& conf, const Invocation& invocation, std::string_view version,
                       IpamConf& out) {
  const auto ipam = TRY(conf.member("ipam"));
  const auto runtime = TRY(conf.member("runtimeConfig"));
  TRY(read_range_sets(TRY(runtime.member("ipRanges")), out.range_sets));
  if (TRY(ipam.member("subnet")).given()) out.range_sets.push_back({TRY(read_range(ipam))});
  TRY(read_range_sets(TRY(ipam.member("ranges")), out.range_sets));
  if (const auto ok = plan::check_sets(out.range_sets); !ok)
    return refuse(Code::bad_config, "ipam.ranges: " + ok.error().message());
  TRY(check_families(out.range_sets, version));
  TRY(read_routes(TRY(ipam.member("routes")), out.routes));
  TRY(check_routes(out.routes));
  TRY(TRY(ipam.member("resolvConf")).read_absolute_path(out.resolv_conf));
  TRY(read_wanted(invocation, out.requested));
  TRY(read_wanted(TRY(TRY(TRY(conf.member("args")).member("cni")).member("ips")), out.requested));
  return read_wanted(TRY(runtime.member("ips")), out.requested);
}

}  // namespace podwire::cni
