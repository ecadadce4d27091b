#include <netinet/in.h>

#include "cni/netconf_testing.h"

namespace podwire::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

NetConf conf(std::string_view more, const Invocation& invocation = call(Command::add)) {
  auto parsed = parse(conf_with(more), invocation);
  EXPECT_TRUE(parsed) << parsed.error().msg;
  return parsed ? std::move(*parsed) : NetConf{};
}

std::string runtime_error(std::string_view runtime_config) {
  const auto e = error_of(conf_with("\"runtimeConfig\":" + std::string(runtime_config) + ","));
  EXPECT_EQ(e.code, Code::bad_config);
  return e.msg;
}

TEST(NetconfRuntime, ReadsPortMappings) {
  const auto ports =
      conf(
          R"("runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""},
      {"hostPort":53,"containerPort":5353,"protocol":"UDP","hostIP":"127.0.0.1"},
      {"hostPort":65535,"containerPort":1,"protocol":"Sctp","hostIP":"fd00::1"},{"hostPort":81,"containerPort":81}]},)")
          .port_mappings;
  EXPECT_THAT(ports, ElementsAre(PortMapping{8080, 80, IPPROTO_TCP, {}},
                                 PortMapping{53, 5353, IPPROTO_UDP, IpAddr::parse("127.0.0.1").value()},
                                 PortMapping{65535, 1, IPPROTO_SCTP, IpAddr::parse("fd00::1").value()},
                                 PortMapping{81, 81, IPPROTO_TCP, {}}));
}

TEST(NetconfRuntime, ChecksPortMappings) {
  const auto error = [](const std::string& mapping) {
    return runtime_error(R"({"portMappings":[)" + mapping + "]}");
  };
  EXPECT_EQ(error("{}"), "runtimeConfig.portMappings[0].hostPort is missing");
  EXPECT_EQ(error(R"({"hostPort":80})"), "runtimeConfig.portMappings[0].containerPort is missing");
  for (const auto* bad : {"0", "65536", "-1", "\"80\"", "80.5", "1e99"})
    EXPECT_THAT(error(R"({"containerPort":80,"hostPort":)" + std::string(bad) + "}"),
                StartsWith("runtimeConfig.portMappings[0].hostPort: "))
        << bad;
  EXPECT_THAT(error(R"({"hostPort":80,"containerPort":80,"protocol":"icmp"})"),
              HasSubstr("protocol: \"icmp\" is none of tcp"));
  EXPECT_THAT(error(R"({"hostPort":80,"containerPort":80,"hostIP":"localhost"})"),
              HasSubstr("hostIP: \"localhost\" is no IP address"));
  EXPECT_THAT(runtime_error(R"({"portMappings":{}})"),
              StartsWith("runtimeConfig.portMappings: {} is no list"));
}

TEST(NetconfRuntime, OneHostPortGoesToOneContainerPort) {
  const auto* twice =
      R"("runtimeConfig":{"portMappings":[{"hostPort":80,"containerPort":80},{"hostPort":80,"containerPort":80}]},)";
  EXPECT_EQ(conf(twice).port_mappings.size(), 1U);
  EXPECT_THAT(
      runtime_error(
          R"({"portMappings":[{"hostPort":80,"containerPort":80},{"hostPort":80,"containerPort":81}]})"),
      StartsWith("runtimeConfig.portMappings[1]: "));
}

TEST(NetconfRuntime, ReadsBandwidth) {
  // containerd sends the largest burst that portmap's plugin takes; others the largest there is.
  EXPECT_EQ(
      conf(R"("runtimeConfig":{"bandwidth":{"ingressRate":1000,"ingressBurst":4294967295,"egressRate":2000,
                  "egressBurst":18446744073709551615}},)")
          .bandwidth,
      (Bandwidth{1000, 4294967295, 2000, 18446744073709551615U}));
  EXPECT_EQ(conf(R"("ingressRate":1,"ingressBurst":2,)").bandwidth, (Bandwidth{1, 2, 0, 0}));
  EXPECT_EQ(
      conf(
          R"("ingressRate":1,"ingressBurst":2,"runtimeConfig":{"bandwidth":{"egressRate":3,"egressBurst":4}},)")
          .bandwidth,
      (Bandwidth{0, 0, 3, 4}));
  EXPECT_FALSE(conf("").bandwidth.any());
}

TEST(NetconfRuntime, ChecksBandwidth) {
  EXPECT_EQ(runtime_error(R"({"bandwidth":{"ingressRate":5}})"),
            "runtimeConfig.bandwidth.ingressRate: 5 needs ingressBurst too");
  EXPECT_EQ(runtime_error(R"({"bandwidth":{"egressBurst":5}})"),
            "runtimeConfig.bandwidth.egressBurst: 5 needs egressRate too");
  EXPECT_THAT(runtime_error(R"({"bandwidth":{"ingressRate":-5}})"),
              StartsWith("runtimeConfig.bandwidth.ingressRate: -5"));
  EXPECT_THAT(runtime_error(R"({"bandwidth":[]})"), StartsWith("runtimeConfig.bandwidth: [] is no object"));
}

TEST(NetconfRuntime, TheRuntimesDnsReplacesTheConfigs) {
  const std::string own =
      R"("dns":{"nameservers":["10.0.0.1"],"domain":"d","search":["s"],"options":["o"]},)";
  EXPECT_EQ(conf(own).dns, (Dns{{"10.0.0.1"}, {"s"}, {"o"}, "d"}));
  EXPECT_EQ(
      conf(own + R"("runtimeConfig":{"dns":{"servers":["10.0.0.2"],"searches":["t"],"options":["p"]}},)").dns,
      (Dns{{"10.0.0.2"}, {"t"}, {"p"}, ""}));
  EXPECT_EQ(conf(own + R"("runtimeConfig":{"dns":{}},)").dns.domain, "d");
  EXPECT_THAT(runtime_error(R"({"dns":{"servers":"10.0.0.2"}})"),
              StartsWith("runtimeConfig.dns.servers: \"10.0.0.2\" is no list"));
}

TEST(NetconfRuntime, TheMacComesFromTheMostPreferredPlace) {
  const auto mac = [](std::string_view more, const char* cni_args) {
    const auto got = conf(more, call(Command::add, {{"MAC", cni_args}})).mac;
    return got ? got->str() : "none";
  };
  const std::string args = R"("args":{"cni":{"mac":"02:00:00:00:00:06"}},)";
  const std::string runtime = R"("runtimeConfig":{"mac":"02:00:00:00:00:07"},)";
  EXPECT_EQ(mac("", ""), "none");
  EXPECT_EQ(mac("", "02:00:00:00:00:05"), "02:00:00:00:00:05");
  EXPECT_EQ(mac(args, "02:00:00:00:00:05"), "02:00:00:00:00:06");
  EXPECT_EQ(mac(args + runtime, "02:00:00:00:00:05"), "02:00:00:00:00:07");
}

TEST(NetconfRuntime, ChecksTheMac) {
  EXPECT_THAT(runtime_error(R"({"mac":"x"})"), StartsWith("runtimeConfig.mac: \"x\" is no MAC address"));
  EXPECT_THAT(runtime_error(R"({"mac":"01:00:5e:00:00:01"})"), HasSubstr("no unicast"));
  const auto e = error_of(conf_with(), call(Command::add, {{"MAC", "00:00:00:00:00:00"}}));
  EXPECT_EQ(e.code, Code::bad_environment);
  EXPECT_THAT(e.msg, StartsWith("CNI_ARGS: MAC: "));
}

TEST(NetconfRuntime, ReadsPortmapsKeys) {
  EXPECT_TRUE(conf("").publish.snat);
  EXPECT_FALSE(conf("").publish.masq_all);
  EXPECT_FALSE(conf(R"("snat":false,)").publish.snat);
  EXPECT_TRUE(conf(R"("masqAll":true,)").publish.masq_all);
}

TEST(NetconfRuntime, AcceptsOtherCapabilities) {
  EXPECT_THAT(
      conf(R"("runtimeConfig":{"cgroupPath":"/x","aliases":{"n":["a"]},"deviceID":"d","infinibandGUID":"g",
      "io.kubernetes.cri.pod-annotations":{"a":"b"}},)")
          .port_mappings,
      IsEmpty());
}

TEST(NetconfRuntime, RefusesWrongTypesOnTheWay) {
  EXPECT_THAT(runtime_error("7"), StartsWith("runtimeConfig: 7 is no object"));
  EXPECT_THAT(error_of(conf_with(R"("args":"x",)")).msg, StartsWith("args: \"x\" is no object"));
  EXPECT_THAT(error_of(conf_with(R"("args":{"cni":[]},)")).msg, StartsWith("args.cni: [] is no object"));
}

}  // namespace
}  // namespace podwire::cni
