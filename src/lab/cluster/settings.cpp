#include "lab/cluster/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/machine.h"

namespace podwire::lab {
namespace {

constexpr std::size_t kFirstHost = 10;  // below it there is room for routers
constexpr std::size_t kMostSegments = 16;
constexpr unsigned kNodePrefixV4 = 24,
                   kNodePrefixV6 = 64;  // of a node's podCIDR, as `podwire server` has them

struct Usual {
  const char *v4, *v6;
};
constexpr Usual kNodes{"10.89.0.0/24", "fd00:10:89::/64"};
constexpr Usual kPods{"10.244.0.0/16", "fd00:10:244::/56"};
constexpr Usual kServices{"10.96.0.0/12", "fd00:10:96::/112"};

std::unexpected<Error> refuse(std::string_view flag, std::string_view value, std::string_view why) {
  return fail(fmt::format("--{}", flag), value, 0, why);
}

Result<std::vector<Cidr>> ranges(std::string_view flag, std::string_view text) {
  std::vector<Cidr> out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto part = text.substr(0, comma);
    const auto cidr = Cidr::parse(part);
    if (!cidr) return refuse(flag, part, "is no range such as 10.244.0.0/16 or fd00::/48");
    if (!cidr->is_network())
      return refuse(flag, part, fmt::format("has host bits; did you mean {}?", cidr->network().str()));
    if (!out.empty() && out.front().family() == cidr->family())
      return refuse(flag, text, "two ranges must be one of IPv4 and one of IPv6");
    out.push_back(*cidr);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  if (out.size() > 2) return refuse(flag, out[2].str(), "is one range too many: one a family");
  return out;
}

/// The families of the lab, the primary one first.
Result<std::vector<Family>> families_of(const LabFlags& flags, const std::vector<Cidr>& cluster) {
  if (flags.dual_stack && flags.ipv6)
    return refuse("ipv6", "", "is for IPv6 alone and does not go with --dual-stack");
  std::vector<Family> out;
  out.reserve(2);
  for (const auto& cidr : cluster) out.push_back(cidr.family());
  if (flags.dual_stack) {
    if (out.size() == 1)
      return refuse("cluster-cidr", flags.cluster_cidr, "--dual-stack needs one range of each family");
    return out.empty() ? std::vector{Family::v4, Family::v6} : out;
  }
  if (flags.ipv6 && !out.empty() && (out.size() > 1 || out.front() == Family::v4))
    return refuse("cluster-cidr", flags.cluster_cidr, "--ipv6 is for IPv6 alone");
  return out.empty() ? std::vector{flags.ipv6 ? Family::v6 : Family::v4} : out;
}

/// One range for each family, in their order.
Result<std::vector<Cidr>> complete(std::string_view flag, std::vector<Cidr> given,
                                   const std::vector<Family>& families, const Usual& usual) {
  std::vector<Cidr> out;
  for (const auto family : families) {
    const auto found = std::ranges::find(given, family, &Cidr::family);
    if (found == given.end() && !given.empty())
      return refuse(flag, given.front().str(),
                    fmt::format("lacks a range of {}, which the lab has", name_of(family)));
    out.push_back(found != given.end() ? *found
                                       : TRY(Cidr::parse(family == Family::v4 ? usual.v4 : usual.v6)));
  }
  if (given.size() > out.size())
    return refuse(flag, given.back().str(), fmt::format("the lab has no {}", name_of(given.back().family())));
  return out;
}

Result<> check_overlaps(const LabSettings& lab) {
  for (std::size_t i = 0; i < lab.node_cidrs.size(); ++i) {
    const auto &pods = lab.cluster_cidrs[i], &services = lab.service_cidrs[i];
    if (pods.overlaps(services))
      return refuse("service-cidr", services.str(), fmt::format("overlaps --cluster-cidr {}", pods.str()));
    for (std::size_t s = 0; s < lab.segments; ++s) {
      const auto nodes = LabSettings::segment_of(lab.node_cidrs[i], s);
      if (nodes.overlaps(pods))
        return refuse("cluster-cidr", pods.str(), fmt::format("overlaps the node network {}", nodes.str()));
      if (nodes.overlaps(services))
        return refuse("service-cidr", services.str(),
                      fmt::format("overlaps the node network {}", nodes.str()));
    }
    for (const auto& [flag, range] :
         {std::pair("node-cidr", lab.node_cidrs[i]), {"cluster-cidr", pods}, {"service-cidr", services}})
      if (range.contains(web_address(range.family())))
        return refuse(flag, range.str(),
                      fmt::format("holds {}, where the machine \"{}\" has its web server",
                                  web_address(range.family()).str(), kInternet));
  }
  return {};
}

Result<> check_size(const LabSettings& lab) {
  for (const auto& cidr : lab.node_cidrs)
    if (cidr.length() < 8 || cidr.length() > address_bits(cidr.family()) - 5)
      return refuse("node-cidr", cidr.str(),
                    "takes a prefix length of at least 8 that leaves 5 bits for the nodes");
  const auto last = lab.nodes.size() - 1;
  if (!lab.place(last))
    return refuse("nodes", std::to_string(lab.nodes.size()),
                  fmt::format("are too many for the node network {}: try a larger --node-cidr",
                              lab.node_cidrs.front().str()));
  for (const auto& cidr : lab.cluster_cidrs) {
    const unsigned each = cidr.family() == Family::v4 ? kNodePrefixV4 : kNodePrefixV6;
    if (cidr.length() > each)
      return refuse("cluster-cidr", cidr.str(), fmt::format("has no room for a /{} a node", each));
    if (each - cidr.length() < 32 && lab.nodes.size() > std::size_t{1} << (each - cidr.length()))
      return refuse(
          "nodes", std::to_string(lab.nodes.size()),
          fmt::format("are too many for --cluster-cidr {}: each gets a /{} of it", cidr.str(), each));
  }
  return {};
}

Result<> check_names(const LabSettings& lab) {
  if (!usable_lab_name(lab.name))
    return refuse("name", lab.name, "is no name of a lab: 1 to 32 of a-z, 0-9 and '-'");
  std::set<std::string> seen;
  for (const auto& node : lab.nodes) {
    if (!Machine::usable_name(node) || node == kInternet || node.starts_with('-') || node.ends_with('-'))
      return fail("name node", node, 0, "a node's name is 1 to 15 of a-z, 0-9 and '-', and not \"internet\"");
    if (!seen.insert(node).second) return fail("name node", node, 0, "two nodes would have this name");
  }
  return {};
}

}  // namespace

IpAddr web_address(Family family) {
  return *IpAddr::parse(family == Family::v4 ? "203.0.113.10" : "2001:db8::10");
}

bool usable_lab_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 && name.front() != '-' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Cidr LabSettings::segment_of(const Cidr& first, std::size_t segment) {
  const u128 size = u128{1} << (address_bits(first.family()) - first.length());
  return {IpAddr::from_value(first.family(), first.first().value() + size * segment), first.length()};
}

std::vector<Cidr> LabSettings::router_addresses(std::size_t segment) const {
  std::vector<Cidr> out;
  for (const auto& first : node_cidrs) {
    const auto network = segment_of(first, segment);
    out.emplace_back(IpAddr::from_value(network.family(), network.first().value() + 1), network.length());
  }
  return out;
}

std::optional<NodePlace> LabSettings::place(std::size_t number) const {
  NodePlace out{.number = number, .segment = number % segments, .addresses = {}, .gateways = {}};
  for (const auto& router : router_addresses(out.segment)) {
    const auto address = IpAddr::from_value(router.family(), router.first().value() + kFirstHost + number);
    // IPv4's last address is everybody's.
    if (!router.contains(address) || address == router.last()) return std::nullopt;
    out.addresses.emplace_back(address, router.length());
    out.gateways.push_back(router.addr());
  }
  return out;
}

Result<LabSettings> lab_settings_of(const LabFlags& flags) {
  LabSettings lab;
  lab.name = flags.name;
  lab.nodes = flags.node_names;
  if (lab.nodes.empty())
    for (std::size_t i = 0; i < flags.nodes; ++i) lab.nodes.push_back(fmt::format("node{}", i));
  if (lab.nodes.empty())
    return refuse("nodes", "0", "a lab has at least one node: the API server runs on it");
  TRY(check_names(lab));
  if (flags.segments < 1 || flags.segments > kMostSegments)
    return refuse("segments", std::to_string(flags.segments), fmt::format("takes 1 to {}", kMostSegments));
  lab.segments = flags.segments;
  auto cluster = TRY(ranges("cluster-cidr", flags.cluster_cidr));
  const auto families = TRY(families_of(flags, cluster));
  lab.cluster_cidrs = TRY(complete("cluster-cidr", std::move(cluster), families, kPods));
  lab.service_cidrs =
      TRY(complete("service-cidr", TRY(ranges("service-cidr", flags.service_cidr)), families, kServices));
  lab.node_cidrs = TRY(complete("node-cidr", TRY(ranges("node-cidr", flags.node_cidr)), families, kNodes));
  TRY(check_size(lab));
  TRY(check_overlaps(lab));
  lab.api_port = flags.api_port;
  lab.server_args = flags.server_args;
  lab.as_long_as = flags.as_long_as;
  for (const auto& [flag, value] : {std::pair("--backend", flags.backend),
                                    {"--pod-link", flags.pod_link},
                                    {"--ipam", flags.ipam},
                                    {"--proxy", flags.proxy}})
    if (!value.empty()) lab.agent_args.insert(lab.agent_args.end(), {flag, value});
  lab.agent_args.insert(lab.agent_args.end(), flags.agent_args.begin(), flags.agent_args.end());
  return lab;
}

}  // namespace podwire::lab
