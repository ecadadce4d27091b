#include <netinet/in.h>

#include <algorithm>

#include "cni/netconf_parts.h"

namespace podwire::cni {
namespace {

CniResult<> read_protocol(const Field& from, std::uint8_t& out) {
  std::string text = "tcp";
  TRY(from.read(text));
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  if (text == "tcp" || text.empty())
    out = IPPROTO_TCP;
  else if (text == "udp")
    out = IPPROTO_UDP;
  else if (text == "sctp")
    out = IPPROTO_SCTP;
  else
    return from.refuse("is none of tcp, udp and sctp");
  return {};
}

CniResult<> read_port(const Field& from, std::uint16_t& out) {
  if (!from.given()) return refuse(Code::bad_config, from.path() + " is missing");
  return from.read(out, 1, 65535);
}

CniResult<> read_port_mappings(const Field& list, std::vector<PortMapping>& out) {
  return list.each([&](const Field& from) -> CniResult<> {
    PortMapping port;
    TRY(read_port(TRY(from.member("hostPort")), port.host_port));
    TRY(read_port(TRY(from.member("containerPort")), port.container_port));
    TRY(read_protocol(TRY(from.member("protocol")), port.protocol));
    TRY(TRY(from.member("hostIP")).read(port.host_ip));
    const auto same_host_side = [&](const PortMapping& p) {
      return p.host_port == port.host_port && p.protocol == port.protocol && p.host_ip == port.host_ip;
    };
    const auto it = std::ranges::find_if(out, same_host_side);
    if (it == out.end())
      out.push_back(port);
    else if (*it != port)
      return from.refuse("publishes a host port that an earlier mapping has for container port " +
                         std::to_string(it->container_port));
    return {};
  });
}

/// Rate and burst go together: without a burst nothing would pass.
CniResult<> read_limit(const Field& from, const std::string& direction, std::uint64_t& rate,
                       std::uint64_t& burst) {
  const auto rate_field = TRY(from.member(direction + "Rate"));
  const auto burst_field = TRY(from.member(direction + "Burst"));
  TRY(rate_field.read(rate));
  TRY(burst_field.read(burst));
  if (rate != 0 && burst == 0) return rate_field.refuse("needs " + direction + "Burst too");
  if (rate == 0 && burst != 0) return burst_field.refuse("needs " + direction + "Rate too");
  return {};
}

CniResult<Bandwidth> read_bandwidth(const Field& from) {
  Bandwidth out;
  TRY(read_limit(from, "ingress", out.ingress_rate, out.ingress_burst));
  TRY(read_limit(from, "egress", out.egress_rate, out.egress_burst));
  return out;
}

/// The capability's names are not those of a result's dns.
CniResult<Dns> read_runtime_dns(const Field& from) {
  Dns out;
  TRY(TRY(from.member("servers")).read(out.nameservers));
  TRY(TRY(from.member("searches")).read(out.search));
  TRY(TRY(from.member("options")).read(out.options));
  return out;
}

CniResult<> check_mac(const std::optional<Mac>& mac, const Field& from) {
  if (mac && (mac->is_multicast() || mac->is_zero())) return from.refuse("is no unicast MAC address");
  return {};
}

CniResult<> read_mac(const Field& from, std::optional<Mac>& out) {
  std::optional<Mac> mac;
  TRY(from.read(mac));
  TRY(check_mac(mac, from));
  if (mac) out = mac;
  return {};
}

CniResult<> read_mac(const Invocation& invocation, std::optional<Mac>& out) {
  const auto it = invocation.args.find("MAC");
  if (it == invocation.args.end() || it->second.empty()) return {};
  const auto mac = Mac::parse(it->second);
  if (!mac || mac->is_multicast() || mac->is_zero())
    return refuse(Code::bad_environment, "CNI_ARGS: MAC: \"" + it->second + "\" is no unicast MAC address");
  out = *mac;
  return {};
}

}  // namespace

CniResult<> read_runtime(const Field& conf, const Invocation& invocation, NetConf& out) {
  const auto runtime = TRY(conf.member("runtimeConfig"));
  TRY(TRY(conf.member("snat")).read(out.publish.snat));
  TRY(TRY(conf.member("masqAll")).read(out.publish.masq_all));
  TRY(read_port_mappings(TRY(runtime.member("portMappings")), out.port_mappings));

  const auto bandwidth = TRY(runtime.member("bandwidth"));
  out.bandwidth = TRY(read_bandwidth(bandwidth.given() ? bandwidth : conf));

  TRY(read_dns(TRY(conf.member("dns")), out.dns));
  if (auto dns = TRY(read_runtime_dns(TRY(runtime.member("dns")))); !dns.empty()) out.dns = std::move(dns);

  TRY(read_mac(invocation, out.mac));
  TRY(read_mac(TRY(TRY(TRY(conf.member("args")).member("cni")).member("mac")), out.mac));
  return read_mac(TRY(runtime.member("mac")), out.mac);
}

CniResult<> read_valid_attachments(const Field& conf, std::optional<std::vector<ValidAttachment>>& out) {
  auto list = TRY(conf.member("cni.dev/valid-attachments"));
  if (!list.given()) list = TRY(conf.member("cni.dev/attachments"));  // the name in older texts of 1.1.0
  if (!list.given()) return {};
  std::vector<ValidAttachment> valid;
  TRY(list.each([&](const Field& from) -> CniResult<> {
    auto& attachment = valid.emplace_back();
    TRY(TRY(from.member("containerID")).require(attachment.container_id));
    return TRY(from.member("ifname")).require(attachment.ifname);
  }));
  out = std::move(valid);
  return {};
}

}  // namespace podwire::cni
