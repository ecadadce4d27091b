#include "agent/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/file.h"
#include "http/base_url.h"
#include "kube/rules/names.h"

namespace podwire::agent {
namespace {

std::unexpected<Error> refuse(std::string_view flag, std::string_view value, std::string_view why) {
  return fail(fmt::format("--{}", flag), value, 0, why);
}

/// The parts between commas, each by `parse`.
template <class T>
Result<std::vector<T>> list_of(std::string_view flag, std::string_view text, std::string_view what,
                               Result<T> (*parse)(std::string_view)) {
  std::vector<T> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    auto parsed = parse(part);
    if (!parsed) return refuse(flag, part, what);
    out.push_back(std::move(*parsed));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

Result<std::vector<IpAddr>> addresses(std::string_view flag, std::string_view text) {
  return list_of<IpAddr>(flag, text, "is no IP address", IpAddr::parse);
}

Result<std::vector<Cidr>> ranges(std::string_view flag, std::string_view text) {
  auto out = TRY(list_of<Cidr>(flag, text, "is no range such as 10.244.0.0/16 or fd00::/48", Cidr::parse));
  for (const auto& cidr : out)
    if (!cidr.is_network())
      return refuse(flag, cidr.str(), fmt::format("has host bits; did you mean {}?", cidr.network().str()));
  return out;
}

template <class T, class Family>
bool one_a_family(const std::vector<T>& all, Family family_of) {
  return all.size() <= 1 || (all.size() == 2 && family_of(all[0]) != family_of(all[1]));
}

Result<std::string> machine_name() {
  std::string out(256, '\0');
  if (::gethostname(out.data(), out.size() - 1) != 0) return fail("read", "the machine's name", errno);
  out.resize(out.find('\0'));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

Result<> set_node(const Flags& flags, Options& out) {
  out.node_name = flags.node_name.empty() ? TRY(machine_name()) : flags.node_name;
  if (const auto wrong = kube::dns1123_subdomain(out.node_name); !wrong.empty())
    return refuse("node-name", out.node_name, "is no name of a Node: " + wrong.front());
  out.node_ips = TRY(addresses("node-ip", flags.node_ip));
  if (!one_a_family(out.node_ips, [](const IpAddr& a) { return a.family(); }))
    return refuse("node-ip", flags.node_ip, "takes one address, or one of IPv4 and one of IPv6");
  for (const auto& address : out.node_ips)
    if (address.is_any() || address.is_loopback() || address.is_multicast() || address.is_link_local())
      return refuse("node-ip", address.str(), "is no address by which other nodes reach this one");
  return {};
}

Result<> set_server(const Flags& flags, Options& out) {
  out.kubeconfig = flags.kubeconfig;
  if (flags.server.empty()) {
    if (!flags.token.empty() || !flags.token_file.empty())
      return refuse("token", "", "is for a podwire server: name it by --server https://HOST:6443");
    return {};
  }
  if (!flags.kubeconfig.empty())
    return refuse("kubeconfig", flags.kubeconfig, "and --server exclude each other");
  if (const auto url = http::parse_base_url(flags.server); !url || !url->tls)
    return refuse("server", flags.server, "is no URL such as https://192.0.2.1:6443");
  auto token = flags.token;
  if (token.empty() && !flags.token_file.empty()) {
    token = TRY(read_file(flags.token_file, 4096));
    while (!token.empty() && (token.back() == '\n' || token.back() == ' ')) token.pop_back();
  }
  if (token.empty())
    return refuse("token", "", "is missing: it is in the file node-token of the server's data directory");
  auto parsed = pki::JoinToken::parse(token);
  if (!parsed) return std::unexpected(std::move(parsed.error()).in("--token"));
  out.join = JoinOptions{flags.server, std::move(*parsed)};
  return {};
}

Result<> set_wire(const Flags& flags, Options& out) {
  if (flags.backend == "auto")
    out.backend = plan::Backend::automatic;
  else if (flags.backend == "host-gw")
    out.backend = plan::Backend::host_gw;
  else if (flags.backend == "vxlan")
    out.backend = plan::Backend::vxlan;
  else
    return refuse("backend", flags.backend, "is none of auto, host-gw and vxlan");
  constexpr std::uint32_t kMostVni = (1U << 24) - 1;
  if (flags.vxlan_vni == 0 || flags.vxlan_vni > kMostVni)
    return refuse("vxlan-vni", std::to_string(flags.vxlan_vni), "is not from 1 to 16777215");
  if (flags.vxlan_port == 0) return refuse("vxlan-port", "0", "is not from 1 to 65535");
  out.vni = flags.vxlan_vni;
  out.port = flags.vxlan_port;
  if (flags.pod_link != "routed" && flags.pod_link != "bridge")
    return refuse("pod-link", flags.pod_link, "is neither routed nor bridge");
  out.pod_link = flags.pod_link == "routed" ? PodLink::routed : PodLink::bridge;
  return {};
}

Result<> set_ranges(const Flags& flags, Options& out) {
  out.cluster_cidrs = TRY(ranges("cluster-cidr", flags.cluster_cidr));
  if (!one_a_family(out.cluster_cidrs, [](const Cidr& c) { return c.family(); }))
    return refuse("cluster-cidr", flags.cluster_cidr, "takes one range, or one of IPv4 and one of IPv6");
  out.non_masquerade_cidrs = TRY(ranges("non-masquerade-cidrs", flags.non_masquerade_cidrs));
  for (const auto& cluster : out.cluster_cidrs)
    for (const auto& address : out.node_ips)
      if (cluster.contains(address))
        return refuse("cluster-cidr", cluster.str(),
                      fmt::format("holds the node's own address {}: pods and nodes need ranges of their own",
                                  address.str()));
  return {};
}

}  // namespace

Result<Options> options_of(const Flags& flags) {
  Options out;
  TRY(set_node(flags, out));
  TRY(set_server(flags, out));
  TRY(set_wire(flags, out));
  TRY(set_ranges(flags, out));
  out.cluster_dns = TRY(addresses("cluster-dns", flags.cluster_dns));
  out.cluster_domain = flags.cluster_domain;
  out.ip_masq = flags.ip_masq;
  out.run_pods = flags.run_pods;
  out.data_dir = flags.data_dir;
  if (out.data_dir.empty()) return refuse("data-dir", "", "is empty: it holds the node's certificate");
  out.cni_conf_dir = flags.cni_conf_dir;
  out.cni_bin_dir = flags.cni_bin_dir;
  return out;
}

}  // namespace podwire::agent
