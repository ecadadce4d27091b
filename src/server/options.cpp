#include "server/options.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "kube/codec/go_time.h"

namespace podwire::server {
namespace {

// k8s.io/kubernetes pkg/controller/nodeipam/ipam/cidrset: a node's range is at most 2^16th of the cluster's.
constexpr unsigned kMostNodeBits = 16;
// pkg/registry/core/service/ipallocator: larger service ranges are of no use.
constexpr unsigned kShortestServicePrefixV4 = 12, kShortestServicePrefixV6 = 64;
constexpr unsigned kDnsHost = 10;

std::unexpected<Error> refuse(std::string_view flag, std::string_view value, std::string_view why) {
  return fail(fmt::format("--{}", flag), value, 0, why);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    out.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

Result<std::vector<Cidr>> ranges(std::string_view flag, std::string_view text) {
  std::vector<Cidr> out;
  for (const auto part : split(text)) {
    const auto cidr = Cidr::parse(part);
    if (!cidr) return refuse(flag, part, "is no range such as 10.244.0.0/16 or fd00::/48");
    if (!cidr->is_network())
      return refuse(flag, part, fmt::format("has host bits; did you mean {}?", cidr->network().str()));
    if (!out.empty() && out.front().family() == cidr->family())
      return refuse(flag, text, "two ranges must be one of IPv4 and one of IPv6");
    out.push_back(*cidr);
  }
  if (out.empty() || out.size() > 2)
    return refuse(flag, text, "takes one range, or one of IPv4 and one of IPv6");
  return out;
}

Result<> set_masks(const Flags& flags, Options& out) {
  if (flags.node_mask && (flags.node_mask_v4 || flags.node_mask_v6 || out.cluster_cidrs.size() == 2))
    return refuse("node-cidr-mask-size", std::to_string(*flags.node_mask),
                  "is for one family; use --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6");
  const bool v6_alone = out.cluster_cidrs.front().family() == Family::v6;
  if (flags.node_mask) (v6_alone ? out.node_mask_v6 : out.node_mask_v4) = *flags.node_mask;
  if (flags.node_mask_v4) out.node_mask_v4 = *flags.node_mask_v4;
  if (flags.node_mask_v6) out.node_mask_v6 = *flags.node_mask_v6;
  for (const auto& cidr : out.cluster_cidrs) {
    const auto mask = out.node_mask(cidr.family());
    if (mask < cidr.length() || mask > address_bits(cidr.family()))
      return refuse("node-cidr-mask-size", std::to_string(mask),
                    fmt::format("does not lie within {} of --cluster-cidr", cidr.str()));
    if (mask - cidr.length() > kMostNodeBits)
      return refuse("node-cidr-mask-size", std::to_string(mask),
                    fmt::format("the node CIDR size is too big: at most {} bits longer than {}",
                                kMostNodeBits, cidr.str()));
  }
  return {};
}

Result<> set_listen(std::string_view text, Options& out) {
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddr::parse(host);
  std::uint32_t port = 0;
  const auto digits = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address || digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      port > 65535)
    return refuse("listen", text, "is no ADDRESS:PORT such as 127.0.0.1:6443 or [::1]:6443");
  out.listen_address = *address;
  out.listen_port = static_cast<std::uint16_t>(port);
  return {};
}

Result<> check_services(const Options& o) {
  for (const auto& service : o.service_cidrs) {
    const auto shortest =
        service.family() == Family::v4 ? kShortestServicePrefixV4 : kShortestServicePrefixV6;
    if (service.length() < shortest)
      return refuse("service-cluster-ip-range", service.str(),
                    fmt::format("is too large: the shortest prefix is /{}", shortest));
    if (service.length() > address_bits(service.family()) - 3)
      return refuse("service-cluster-ip-range", service.str(),
                    "has too few addresses: at least eight are needed");
    for (const auto& cluster : o.cluster_cidrs)
      if (cluster.overlaps(service))
        return refuse("service-cluster-ip-range", service.str(),
                      fmt::format("overlaps --cluster-cidr {}: a service's address would be a pod's too",
                                  cluster.str()));
  }
  return {};
}

Result<> set_dns(const Flags& flags, Options& out) {
  for (const auto part : split(flags.cluster_dns)) {
    const auto address = IpAddr::parse(part);
    if (!address) return refuse("cluster-dns", part, "is no address");
    out.cluster_dns.push_back(*address);
  }
  if (!out.cluster_dns.empty()) return {};
  for (const auto& range : out.service_cidrs) {
    const auto tenth = IpAddr::from_value(range.family(), range.first().value() + kDnsHost);
    if (range.contains(tenth)) out.cluster_dns.push_back(tenth);
  }
  return {};
}

Result<> set_event_ttl(std::string_view text, Options& out) {
  const auto nanos = kube::parse_duration(text);
  if (!nanos || *nanos < 1'000'000'000)
    return refuse("event-ttl", text, "is no time of a second or more such as 1h or 90m");
  out.event_ttl = std::chrono::seconds(*nanos / 1'000'000'000);
  return {};
}

}  // namespace

Result<Options> options_of(const Flags& flags) {
  Options out;
  out.cluster_cidrs = TRY(ranges("cluster-cidr", flags.cluster_cidr));
  out.service_cidrs = TRY(ranges("service-cluster-ip-range", flags.service_cidr));
  const auto ports = plan::PortRange::parse(flags.node_port_range);
  if (!ports)
    return refuse("service-node-port-range", flags.node_port_range,
                  "is no range of ports such as 30000-32767");
  out.node_ports = *ports;
  TRY(set_masks(flags, out));
  TRY(check_services(out));
  TRY(set_listen(flags.listen, out));
  TRY(set_dns(flags, out));
  TRY(set_event_ttl(flags.event_ttl, out));
  out.in_memory = flags.in_memory;
  out.data_dir = flags.data_dir;
  if (out.data_dir.empty()) return refuse("data-dir", "", "is empty: it holds at least the certificates");
  out.token_file = flags.token_file;
  out.token = flags.token;
  return out;
}

}  // namespace podwire::server
