#include "cni/netconf_testing.h"

namespace podwire::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

CniResult<NetConf> with_ipam(std::string_view ipam, std::string_view more = "",
                             const Invocation& invocation = call(Command::add)) {
  return parse(conf_with(std::string(more) + "\"ipam\":" + std::string(ipam) + ","), invocation);
}

std::string ipam_error(std::string_view ipam, std::string_view more = "") {
  const auto conf = with_ipam(ipam, more);
  EXPECT_FALSE(conf) << ipam;
  if (conf) return {};
  EXPECT_EQ(conf.error().code, Code::bad_config) << conf.error().msg;
  return conf.error().msg;
}

IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }

TEST(NetconfIpam, ReadsEveryKeyOfHostLocal) {
  const auto conf = with_ipam(R"({"type":"podwire-ipam","dataDir":"/d","resolvConf":"/etc/resolv.conf",
      "ranges":[[{"subnet":"10.1.0.0/24","rangeStart":"10.1.0.10","rangeEnd":"10.1.0.20","gateway":"10.1.0.254"},
                 {"subnet":"10.2.0.0/24"}],[{"subnet":"fd00:1::/64"}]],
      "routes":[{"dst":"0.0.0.0/0"},{"dst":"fd00::/8","gw":"fd00:1::9","mtu":1400,"advmss":1360,"priority":9,"table":7,"scope":0}]})");
  ASSERT_TRUE(conf) << conf.error().msg;
  ASSERT_TRUE(conf->ipam);
  EXPECT_TRUE(conf->ipam->ours);
  EXPECT_EQ(conf->ipam->data_dir, "/d");
  EXPECT_EQ(conf->ipam->resolv_conf, "/etc/resolv.conf");
  const auto& sets = conf->ipam->range_sets;
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(plan::describe(sets[0]), "10.1.0.0/24 (10.1.0.10-10.1.0.20), 10.2.0.0/24 (10.2.0.1-10.2.0.254)");
  EXPECT_EQ(sets[0][0].gateway, addr("10.1.0.254"));
  EXPECT_EQ(sets[0][1].gateway, addr("10.2.0.1"));
  EXPECT_EQ(sets[1][0].subnet.str(), "fd00:1::/64");
  const ResultRoute second{.dst = Cidr::parse("fd00::/8").value(),
                           .gateway = addr("fd00:1::9"),
                           .mtu = 1400,
                           .advmss = 1360,
                           .priority = 9,
                           .table = 7,
                           .scope = 0};
  EXPECT_THAT(conf->ipam->routes,
              ElementsAre(ResultRoute{.dst = Cidr::parse("0.0.0.0/0").value(), .gateway = {}}, second));
}

TEST(NetconfIpam, NoneMeansNoAddresses) {
  EXPECT_FALSE(with_ipam("{}").value().ipam);
  EXPECT_FALSE(parse(R"({"name":"n","type":"podwire-bridge"})").value().ipam);
  EXPECT_FALSE(parse(R"({"name":"n","type":"podwire-bridge","ipam":null})").value().ipam);
  EXPECT_FALSE(with_ipam(R"({"type":""})").value().ipam);
  EXPECT_TRUE(with_ipam(R"({"subnet":"10.1.0.0/24"})").value().ipam->ours);
  EXPECT_TRUE(
      with_ipam("{}", R"("runtimeConfig":{"ipRanges":[[{"subnet":"10.1.0.0/24"}]]},)").value().ipam->ours);
}

TEST(NetconfIpam, TheDefaultDirectoryIsHostLocals) {
  EXPECT_EQ(with_ipam(R"({"subnet":"10.1.0.0/24"})").value().ipam->data_dir, "/var/lib/cni/networks");
  EXPECT_EQ(with_ipam(R"({"subnet":"10.1.0.0/24","dataDir":""})").value().ipam->data_dir,
            "/var/lib/cni/networks");
}

TEST(NetconfIpam, OrdersRangesAsHostLocal) {
  const auto conf =
      with_ipam(R"({"subnet":"10.2.0.0/24","rangeStart":"10.2.0.5","ranges":[[{"subnet":"10.3.0.0/24"}]]})",
                R"("runtimeConfig":{"ipRanges":[[{"subnet":"10.1.0.0/24"}]]},)");
  ASSERT_TRUE(conf) << conf.error().msg;
  std::vector<std::string> got;
  for (const auto& set : conf->ipam->range_sets) got.push_back(plan::describe(set));
  EXPECT_THAT(got, ElementsAre("10.1.0.0/24 (10.1.0.1-10.1.0.254)", "10.2.0.0/24 (10.2.0.5-10.2.0.254)",
                               "10.3.0.0/24 (10.3.0.1-10.3.0.254)"));
}

TEST(NetconfIpam, LeavesOtherPluginsKeysToThem) {
  const auto conf = with_ipam(
      R"({"type":"static","ranges":7,"dataDir":[],"addresses":[{"address":"10.1.2.3/24"}],"routes":"x"})");
  ASSERT_TRUE(conf) << conf.error().msg;
  EXPECT_FALSE(conf->ipam->ours);
  EXPECT_EQ(conf->ipam->type, "static");
  EXPECT_THAT(conf->ipam->range_sets, IsEmpty());
}

TEST(NetconfIpam, RefusesToDelegateToItself) {
  EXPECT_THAT(ipam_error(R"({"type":"podwire-bridge"})"), StartsWith("ipam.type: \"podwire-bridge\""));
  EXPECT_THAT(ipam_error(R"({"type":"podwire-portmap"})"), StartsWith("ipam.type: "));
  EXPECT_THAT(ipam_error(R"({"type":"../bin/sh"})"), HasSubstr("no plugin name"));
}

TEST(NetconfIpam, AddNeedsARange) {
  EXPECT_THAT(ipam_error(R"({"type":"podwire-ipam"})"), StartsWith("ipam.ranges is missing"));
  EXPECT_TRUE(with_ipam(R"({"type":"podwire-ipam"})", "", call(Command::del)).value().ipam);
}

TEST(NetconfIpam, NamesTheBadField) {
  EXPECT_EQ(ipam_error(R"({"ranges":[[{"subnet":"10.0.0.0/24"},{"subnet":"10.1.0.0/33"}]]})"),
            R"(ipam.ranges[0][1].subnet: "10.1.0.0/33" is no CIDR)");
  EXPECT_EQ(ipam_error(R"({"ranges":[[{}]]})"), "ipam.ranges[0][0].subnet is missing");
  EXPECT_EQ(ipam_error(R"({"ranges":[[]]})"), "ipam.ranges[0]: [] has no range");
  EXPECT_EQ(ipam_error(R"({"ranges":[{"subnet":"10.0.0.0/24"}]})"),
            R"(ipam.ranges[0]: {"subnet":"10.0.0.0/24"} is no list)");
  EXPECT_THAT(ipam_error(R"({"ranges":"x"})"), StartsWith("ipam.ranges: \"x\" is no list"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.7/24"})"), StartsWith("ipam: range 10.1.0.7/24: host bits"));
  EXPECT_THAT(ipam_error(R"({"ranges":[[{"subnet":"10.1.0.0/31"}]]})"),
              StartsWith("ipam.ranges[0][0]: range 10.1.0.0/31"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","rangeStart":"x"})"),
              StartsWith("ipam.rangeStart: \"x\""));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","gateway":"10.2.0.1"})"),
              HasSubstr("gateway 10.2.0.1 is outside"));
  EXPECT_THAT(ipam_error(R"({"ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.1.0.0/16"}]]})"),
              HasSubstr("overlaps"));
  EXPECT_THAT(ipam_error(R"({"ranges":[[{"subnet":"10.1.0.0/24"},{"subnet":"fd00::/64"}]]})"),
              HasSubstr("family"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","routes":[{"dst":"10.0.0.1/8"}]})"),
              StartsWith("ipam.routes[0].dst: \"10.0.0.1/8\" has host bits set"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","routes":[{}]})"),
              StartsWith("ipam.routes[0].dst is missing"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","routes":[{"dst":"0.0.0.0/0","table":-1}]})"),
              StartsWith("ipam.routes[0].table: -1"));
  EXPECT_THAT(ipam_error(R"({"subnet":"10.1.0.0/24","dataDir":"d"})"),
              StartsWith("ipam.dataDir: \"d\" is no absolute path"));
  EXPECT_THAT(ipam_error("7"), StartsWith("ipam: 7 is no object"));
}

TEST(NetconfIpam, OldVersionsHaveRoomForOneAddressOfAFamily) {
  const auto conf = [](std::string_view version) {
    return parse(
        conf_with(R"("ipam":{"ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.2.0.0/24"}]]},)", version));
  };
  EXPECT_FALSE(conf("0.2.0"));
  EXPECT_TRUE(conf("0.3.0"));
}

TEST(NetconfIpam, WantedAddressesComeFromTheMostPreferredPlace) {
  const auto wanted = [](std::string_view more, std::string_view cni_args) {
    const auto conf =
        with_ipam(R"({"subnet":"10.1.0.0/24"})", more, call(Command::add, {{"IP", std::string(cni_args)}}));
    EXPECT_TRUE(conf) << conf.error().msg;
    return conf->ipam->requested;
  };
  const std::string args = R"("args":{"cni":{"ips":["10.1.0.6"],"labels":[{"key":"a","value":"b"}]}},)";
  const std::string runtime = R"("runtimeConfig":{"ips":["10.1.0.7/24","fd00::7/64"]},)";
  EXPECT_THAT(wanted("", ""), IsEmpty());
  EXPECT_THAT(wanted("", "10.1.0.5"), ElementsAre(addr("10.1.0.5")));
  EXPECT_THAT(wanted("", "10.1.0.5/24,fd00::5"), ElementsAre(addr("10.1.0.5"), addr("fd00::5")));
  EXPECT_THAT(wanted(args, "10.1.0.5"), ElementsAre(addr("10.1.0.6")));
  EXPECT_THAT(wanted(args + runtime, "10.1.0.5"), ElementsAre(addr("10.1.0.7"), addr("fd00::7")));
  EXPECT_THAT(wanted(R"("runtimeConfig":{"ips":[]},)", "10.1.0.5"), ElementsAre(addr("10.1.0.5")));
}

TEST(NetconfIpam, NamesABadWantedAddress) {
  const auto* subnet = R"({"subnet":"10.1.0.0/24"})";
  EXPECT_EQ(ipam_error(subnet, R"("runtimeConfig":{"ips":["10.1.0.300"]},)"),
            R"(runtimeConfig.ips[0]: "10.1.0.300" is no IP address)");
  EXPECT_THAT(ipam_error(subnet, R"("args":{"cni":{"ips":[7]}},)"),
              StartsWith("args.cni.ips[0]: 7 is no string"));
  const auto conf = with_ipam(subnet, "", call(Command::add, {{"IP", "x"}}));
  ASSERT_FALSE(conf);
  EXPECT_EQ(conf.error().code, Code::bad_environment);
  EXPECT_EQ(conf.error().msg, "CNI_ARGS: IP: \"x\" is no IP address");
}

// Called as another plugin's ipam, the rest of the configuration is not ours to judge.
TEST(NetconfIpam, AsADelegateReadsOnlyItsPart) {
  const auto conf =
      parse(R"({"cniVersion":"1.0.0","name":"n","type":"bridge","vlan":7,"mtu":"x","prevResult":7,"dns":1,
      "ipam":{"type":"podwire-ipam","subnet":"10.1.0.0/24"}})");
  ASSERT_TRUE(conf) << conf.error().msg;
  EXPECT_EQ(conf->role, Role::ipam);
  EXPECT_EQ(conf->ipam->range_sets.size(), 1U);
}

}  // namespace
}  // namespace podwire::cni
