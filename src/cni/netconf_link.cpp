#include <algorithm>

#include "cni/netconf_parts.h"

namespace podwire::cni {
namespace {

/// Keys that only mean something for a port of a bridge.
constexpr std::string_view kBridgeKeys[] = {"bridge",        "isGateway",   "isDefaultGateway",
                                            "forceAddress",  "hairpinMode", "promiscMode",
                                            "portIsolation", "macspoofchk", "disableContainerInterface",
                                            "vlan",          "vlanTrunk",   "preserveDefaultVlan"};

constexpr std::uint32_t kLeastMtu = 68;  // RFC 791, what every link must carry

CniResult<LinkKind> read_kind(const Field& conf, std::string_view type) {
  const auto field = TRY(conf.member("link"));
  std::string link;
  TRY(field.read(link));
  if (!link.empty() && link != "bridge" && link != "routed")
    return field.refuse("is neither \"bridge\" nor \"routed\"");
  const auto key = TRY(bridge_key_in(conf));
  if (type == "podwire-bridge" || link == "bridge") {
    if (link == "routed") return field.refuse("contradicts type podwire-bridge");
    return LinkKind::bridge;
  }
  if (link == "routed" && !key.empty())
    return TRY(conf.member(key)).refuse("is only for link \"bridge\", and this one is \"routed\"");
  return key.empty() ? LinkKind::routed : LinkKind::bridge;
}

CniResult<> read_bridge(const Field& conf, LinkConf& out) {
  const auto bridge = TRY(conf.member("bridge"));
  std::string name;
  TRY(bridge.read(name));
  if (!name.empty() && !valid_ifname(name)) return bridge.refuse("is no interface name");
  if (!name.empty()) out.bridge = std::move(name);
  TRY(TRY(conf.member("isGateway")).read(out.is_gateway));
  TRY(TRY(conf.member("isDefaultGateway")).read(out.is_default_gateway));
  out.is_gateway |= out.is_default_gateway;
  TRY(TRY(conf.member("forceAddress")).read(out.force_address));
  TRY(TRY(conf.member("hairpinMode")).read(out.hairpin));
  const auto promisc = TRY(conf.member("promiscMode"));
  TRY(promisc.read(out.promisc));
  if (out.promisc && out.hairpin) return promisc.refuse("excludes hairpinMode");
  TRY(TRY(conf.member("portIsolation")).read(out.port_isolation));
  bool no_interface = false;
  TRY(TRY(conf.member("disableContainerInterface")).read(no_interface));
  out.container_interface = !no_interface;
  return {};
}

CniResult<> refuse_unless(const Field& field, bool harmless, std::string_view why) {
  bool value = harmless;
  TRY(field.read(value));
  if (value != harmless) return field.refuse(Code::unsupported_field, why);
  return {};
}

CniResult<> refuse_if_not_empty(const Field& field, std::string_view why) {
  return field.each([&](const Field&) -> CniResult<> { return field.refuse(Code::unsupported_field, why); });
}

CniResult<> refuse_vlans(const Field& conf) {
  constexpr std::string_view kWhy = "is not supported: podwire's bridges do not filter VLANs";
  const auto vlan = TRY(conf.member("vlan"));
  std::uint32_t id = 0;
  TRY(vlan.read(id, 0, 4094));
  if (id != 0) return vlan.refuse(Code::unsupported_field, kWhy);
  TRY(refuse_if_not_empty(TRY(conf.member("vlanTrunk")), kWhy));
  return refuse_unless(TRY(conf.member("preserveDefaultVlan")), true, kWhy);
}

}  // namespace

CniResult<std::string> bridge_key_in(const Field& conf) {
  for (const auto key : kBridgeKeys)
    if (TRY(conf.member(key)).given()) return std::string(key);
  return std::string();
}

CniResult<> read_link(const Field& conf, std::string_view type, LinkConf& out) {
  out.kind = TRY(read_kind(conf, type));
  const auto mtu = TRY(conf.member("mtu"));
  std::uint32_t bytes = 0;
  TRY(mtu.read(bytes, 0, 65535));
  if (bytes != 0 && bytes < kLeastMtu) return mtu.refuse("is less than 68, the least that IPv4 needs");
  out.mtu = bytes;
  TRY(TRY(conf.member("ipMasq")).read(out.ip_masq));
  TRY(TRY(conf.member("enabledad")).read(out.enable_dad));
  TRY(TRY(conf.member("internal")).read(out.internal));
  TRY(TRY(conf.member("guarded")).read(out.guarded));
  if (out.kind == LinkKind::bridge) return read_bridge(conf, out);
  return {};
}

CniResult<> refuse_unsupported(const Field& conf, Role role) {
  if (role == Role::link) {
    TRY(refuse_vlans(conf));
    TRY(refuse_unless(TRY(conf.member("macspoofchk")), false,
                      "is not supported: podwire's bridges do not filter MACs"));
  }
  constexpr std::string_view kConditions =
      "is not supported: podwire publishes ports by nftables elements, iptables matches cannot be added";
  TRY(refuse_if_not_empty(TRY(conf.member("conditionsV4")), kConditions));
  TRY(refuse_if_not_empty(TRY(conf.member("conditionsV6")), kConditions));
  constexpr std::string_view kSubnets = "is not supported: podwire shapes all traffic of the interface";
  TRY(refuse_if_not_empty(TRY(conf.member("unshapedSubnets")), kSubnets));
  return refuse_if_not_empty(TRY(conf.member("shapedSubnets")), kSubnets);
}

}  // namespace podwire::cni
