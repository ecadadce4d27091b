#include "kernel/fake/sysctl_tree.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace podwire::kernel::fake {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array kGlobal{
    Entry{"net/ipv4/ip_forward", "0"},
    Entry{"net/ipv4/ip_default_ttl", "64"},
    Entry{"net/ipv4/ip_nonlocal_bind", "0"},
    Entry{"net/ipv4/ip_local_port_range", "32768\t60999"},
    Entry{"net/ipv4/ip_local_reserved_ports", ""},
    Entry{"net/ipv4/ip_unprivileged_port_start", "1024"},
    Entry{"net/ipv4/ping_group_range", "1\t0"},
    Entry{"net/ipv4/fib_multipath_hash_policy", "0"},
    Entry{"net/ipv4/icmp_echo_ignore_all", "0"},
    Entry{"net/ipv4/tcp_keepalive_time", "7200"},
    Entry{"net/ipv4/tcp_keepalive_intvl", "75"},
    Entry{"net/ipv4/tcp_keepalive_probes", "9"},
    Entry{"net/ipv4/tcp_fin_timeout", "60"},
    Entry{"net/ipv4/tcp_syncookies", "1"},
    Entry{"net/ipv4/tcp_timestamps", "1"},
    Entry{"net/ipv6/bindv6only", "0"},
    Entry{"net/ipv6/ip_nonlocal_bind", "0"},
    Entry{"net/ipv6/fib_multipath_hash_policy", "0"},
    Entry{"net/core/somaxconn", "4096"},
    Entry{"net/bridge/bridge-nf-call-arptables", "1"},
    Entry{"net/bridge/bridge-nf-call-ip6tables", "1"},
    Entry{"net/bridge/bridge-nf-call-iptables", "1"},
    Entry{"net/netfilter/nf_conntrack_max", "262144"},
    Entry{"net/netfilter/nf_conntrack_tcp_be_liberal", "0"},
    Entry{"net/netfilter/nf_conntrack_tcp_timeout_established", "432000"},
    Entry{"net/netfilter/nf_conntrack_tcp_timeout_close_wait", "60"},
    Entry{"net/netfilter/nf_conntrack_udp_timeout", "30"},
    Entry{"net/netfilter/nf_conntrack_udp_timeout_stream", "120"},
};

constexpr std::array kIpv4Conf{
    Entry{"accept_local", "0"},
    Entry{"accept_redirects", "1"},
    Entry{"arp_accept", "0"},
    Entry{"arp_announce", "0"},
    Entry{"arp_filter", "0"},
    Entry{"arp_ignore", "0"},
    Entry{"arp_notify", "0"},
    Entry{"forwarding", "0"},
    Entry{"ignore_routes_with_linkdown", "0"},
    Entry{"log_martians", "0"},
    Entry{"promote_secondaries", "0"},
    Entry{"proxy_arp", "0"},
    Entry{"proxy_arp_pvlan", "0"},
    Entry{"route_localnet", "0"},
    Entry{"rp_filter", "0"},
    Entry{"secure_redirects", "1"},
    Entry{"send_redirects", "1"},
    Entry{"src_valid_mark", "0"},
};

constexpr std::array kIpv6Conf{
    Entry{"accept_dad", "1"},
    Entry{"accept_ra", "1"},
    Entry{"accept_redirects", "1"},
    Entry{"addr_gen_mode", "0"},
    Entry{"autoconf", "1"},
    Entry{"dad_transmits", "1"},
    Entry{"disable_ipv6", "0"},
    Entry{"enhanced_dad", "1"},
    Entry{"forwarding", "0"},
    Entry{"hop_limit", "64"},
    Entry{"ignore_routes_with_linkdown", "0"},
    Entry{"keep_addr_on_down", "0"},
    Entry{"ndisc_notify", "0"},
    Entry{"optimistic_dad", "0"},
    Entry{"proxy_ndp", "0"},
    Entry{"router_solicitations", "-1"},
    Entry{"use_tempaddr", "0"},
};

void plant_conf(Namespace& home, std::string_view link) {
  const auto plant = [&](Family family, const auto& entries) {
    for (const auto& [name, fresh] : entries) {
      const auto inherited = home.sysctls.find(link_sysctl_key(family, "default", name));
      const std::string value(inherited != home.sysctls.end() ? std::string_view(inherited->second) : fresh);
      home.sysctls.emplace(link_sysctl_key(family, link, name), value);
    }
  };
  plant(Family::v4, kIpv4Conf);
  plant(Family::v6, kIpv6Conf);
}

void uproot(Namespace& home, const std::string& prefix) {
  const auto first = home.sysctls.lower_bound(prefix);
  auto last = first;
  while (last != home.sysctls.end() && last->first.starts_with(prefix)) ++last;
  home.sysctls.erase(first, last);
}

}  // namespace

std::string link_sysctl_key(Family family, std::string_view link, std::string_view name) {
  return fmt::format("net/{}/conf/{}/{}", family == Family::v4 ? "ipv4" : "ipv6", link, name);
}

std::string link_sysctl(const Namespace& home, Family family, std::string_view link, std::string_view name) {
  const auto it = home.sysctls.find(link_sysctl_key(family, link, name));
  return it == home.sysctls.end() ? std::string() : it->second;
}

void plant_sysctls(Namespace& home) {
  for (const auto& [key, value] : kGlobal) home.sysctls.emplace(key, value);
  plant_conf(home, "default");
  plant_conf(home, "all");
  home.sysctls[link_sysctl_key(Family::v6, "all", "accept_dad")] = "0";
}

void plant_link_sysctls(Namespace& home, const std::string& link) { plant_conf(home, link); }

void uproot_link_sysctls(Namespace& home, const std::string& link) {
  uproot(home, link_sysctl_key(Family::v4, link, ""));
  uproot_ipv6_sysctls(home, link);
}

void uproot_ipv6_sysctls(Namespace& home, const std::string& link) {
  uproot(home, link_sysctl_key(Family::v6, link, ""));
}

void rename_link_sysctls(Namespace& home, const std::string& from, const std::string& to) {
  for (const auto family : {Family::v4, Family::v6}) {
    const std::string old_prefix = link_sysctl_key(family, from, "");
    for (auto it = home.sysctls.lower_bound(old_prefix);
         it != home.sysctls.end() && it->first.starts_with(old_prefix);) {
      auto node = home.sysctls.extract(it++);
      node.key() = link_sysctl_key(family, to, node.key().substr(old_prefix.size()));
      home.sysctls.insert(std::move(node));
    }
  }
}

}  // namespace podwire::kernel::fake
