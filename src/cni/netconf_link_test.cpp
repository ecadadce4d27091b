#include "cni/netconf_testing.h"

namespace podwire::cni {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

LinkConf link_of(std::string_view more, std::string_view type = "podwire-cni") {
  const auto* prev = R"("prevResult":{},)";  // lets a configuration without any key of a link be read, too
  const auto conf = parse(R"({"name":"n",)" + std::string(prev) + std::string(more) + R"("type":")" +
                          std::string(type) + "\"}");
  EXPECT_TRUE(conf) << conf.error().msg;
  return conf ? conf->link : LinkConf{};
}

CniError link_error(std::string_view more) { return error_of(conf_with(more)); }

TEST(NetconfLink, ReadsEveryKeyOfTheBridge) {
  const auto link =
      link_of(R"("bridge":"br7","isGateway":true,"isDefaultGateway":true,"forceAddress":true,"ipMasq":true,
      "ipMasqBackend":"nftables","mtu":1400,"hairpinMode":true,"promiscMode":false,"portIsolation":true,"macspoofchk":false,
      "enabledad":true,"vlan":0,"vlanTrunk":[],"preserveDefaultVlan":true,"internal":true,"guarded":true,)");
  EXPECT_EQ(link.kind, LinkKind::bridge);
  EXPECT_EQ(link.bridge, "br7");
  EXPECT_EQ(link.mtu, 1400U);
  EXPECT_TRUE(link.is_gateway && link.is_default_gateway && link.force_address && link.ip_masq &&
              link.hairpin);
  EXPECT_TRUE(link.port_isolation && link.enable_dad && link.internal && link.guarded);
  EXPECT_FALSE(link.promisc);
  EXPECT_TRUE(link.container_interface);
}

TEST(NetconfLink, DefaultsAreThoseOfTheBridgePlugin) {
  const auto link = link_of("", "podwire-bridge");
  EXPECT_EQ(link.kind, LinkKind::bridge);
  EXPECT_EQ(link.bridge, "cni0");
  EXPECT_EQ(link.mtu, 0U);
  EXPECT_FALSE(link.is_gateway || link.is_default_gateway || link.force_address || link.ip_masq ||
               link.hairpin);
  EXPECT_EQ(link_of(R"("bridge":"",)").bridge, "cni0");
}

TEST(NetconfLink, IsDefaultGatewayImpliesIsGateway) {
  EXPECT_TRUE(link_of(R"("isDefaultGateway":true,)").is_gateway);
  EXPECT_TRUE(link_of(R"("isDefaultGateway":true,"isGateway":false,)").is_gateway);
}

TEST(NetconfLink, TellsTheKind) {
  EXPECT_EQ(link_of("").kind, LinkKind::routed);
  EXPECT_EQ(link_of(R"("link":"routed","mtu":1400,"ipMasq":true,)").kind, LinkKind::routed);
  EXPECT_EQ(link_of(R"("link":"routed",)").kind, LinkKind::routed);
  EXPECT_EQ(link_of(R"("link":"bridge",)").kind, LinkKind::bridge);
  for (const auto* key : {"isGateway", "isDefaultGateway", "forceAddress", "hairpinMode", "promiscMode",
                          "portIsolation", "macspoofchk", "disableContainerInterface"})
    EXPECT_EQ(link_of("\"" + std::string(key) + "\":false,").kind, LinkKind::bridge) << key;
  EXPECT_EQ(link_of(R"("isGateway":null,)").kind, LinkKind::routed);
}

TEST(NetconfLink, ARoutedLinkHasNoBridgeKeys) {
  const auto e = link_error(R"("link":"routed","hairpinMode":true,)");
  EXPECT_EQ(e.code, Code::bad_config);
  EXPECT_THAT(e.msg, StartsWith("hairpinMode: true is only for link \"bridge\""));
  EXPECT_EQ(link_error(R"("link":"macvlan",)").msg, R"(link: "macvlan" is neither "bridge" nor "routed")");
  EXPECT_THAT(error_of(R"({"name":"n","type":"podwire-bridge","link":"routed"})").msg,
              StartsWith("link: \"routed\" contradicts"));
}

TEST(NetconfLink, RefusesWhatExcludesEachOther) {
  EXPECT_EQ(link_error(R"("promiscMode":true,"hairpinMode":true,)").code, Code::bad_config);
  const auto e = link_error(
      R"("disableContainerInterface":true,"ipam":{"type":"podwire-ipam","subnet":"10.1.0.0/24"},)");
  EXPECT_EQ(e.code, Code::bad_config);
  EXPECT_THAT(e.msg, StartsWith("disableContainerInterface: true excludes ipam"));
  EXPECT_FALSE(link_of(R"("disableContainerInterface":true,"ipam":{},)").container_interface);
}

TEST(NetconfLink, ChecksTheBridgesName) {
  for (const auto* bad : {"a/b", "sixteen-bytes-xx", ".."})
    EXPECT_THAT(link_error(R"("bridge":")" + std::string(bad) + "\",").msg,
                StartsWith("bridge: \"" + std::string(bad) + "\""));
}

TEST(NetconfLink, ChecksTheMtu) {
  EXPECT_EQ(link_of(R"("link":"routed","mtu":68,)").mtu, 68U);
  EXPECT_EQ(link_of(R"("link":"routed","mtu":65535,)").mtu, 65535U);
  for (const auto* bad : {"67", "65536", "-1", "1500.5", "\"1500\"", "1e99"}) {
    const auto e = link_error(R"("mtu":)" + std::string(bad) + ",");
    EXPECT_EQ(e.code, Code::bad_config) << bad;
    EXPECT_THAT(e.msg, StartsWith("mtu: ")) << bad;
  }
  const auto* v6 = R"("ipam":{"ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"fd00::/64"}]]},)";
  EXPECT_TRUE(parse(conf_with(R"("mtu":1280,)" + std::string(v6))));
  EXPECT_THAT(link_error(R"("mtu":1279,)" + std::string(v6)).msg, HasSubstr("IPv6"));
}

TEST(NetconfLink, RefusesWhatItCannotDo) {
  const auto refused = [](std::string_view more) {
    const auto e = link_error(more);
    EXPECT_EQ(e.code, Code::unsupported_field) << more;
    return e.msg;
  };
  EXPECT_THAT(refused(R"("vlan":100,)"), StartsWith("vlan: 100 "));
  EXPECT_THAT(refused(R"("vlanTrunk":[{"id":7}],)"), StartsWith(R"(vlanTrunk: [{"id":7}] )"));
  EXPECT_THAT(refused(R"("preserveDefaultVlan":false,)"), StartsWith("preserveDefaultVlan: false "));
  EXPECT_THAT(refused(R"("conditionsV4":["-d","10.0.0.0/8"],)"), StartsWith("conditionsV4: "));
  EXPECT_THAT(refused(R"("conditionsV6":["x"],)"), StartsWith("conditionsV6: "));
  EXPECT_THAT(refused(R"("macspoofchk":true,)"), StartsWith("macspoofchk: true "));
  EXPECT_THAT(refused(R"("unshapedSubnets":["10.0.0.0/8"],)"), StartsWith("unshapedSubnets: "));
  EXPECT_EQ(link_error(R"("vlan":4095,)").code, Code::bad_config);
  EXPECT_EQ(error_of(R"({"name":"n","type":"podwire-portmap","conditionsV4":["x"],"prevResult":{}})").code,
            Code::unsupported_field);
}

TEST(NetconfLink, AcceptsDetailsOfIptables) {
  EXPECT_TRUE(parse(conf_with(
      R"("backend":"iptables","markMasqBit":13,"externalSetMarkChain":"KUBE-MARK-MASQ","ipMasqBackend":"iptables",
      "conditionsV4":[],"capabilities":{"portMappings":true},"disableGC":"true",)")));
}

}  // namespace
}  // namespace podwire::cni
