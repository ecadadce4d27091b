#include "cli/iptables_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

IpAddr ip(const char* text) { return IpAddr::parse(text).value(); }

// The first is what kube-proxy calls it today; the second is in the talk's own command list, of a version
// that put a colon behind the name of a port without a name.
TEST(IptablesView, ChainsHaveKubeProxysNames) {
  EXPECT_EQ(service_chain("default/hello-kubernetes", "tcp"), "KUBE-SVC-XM7DIBVJQPJ3TSDT");
  EXPECT_EQ(service_chain("default/hello-kubernetes:", "tcp"), "KUBE-SVC-HSXJWNVOHR2BCTLA");
}

TEST(IptablesView, AServiceWithThreeEndpoints) {
  plan::SeenPort port{.name = "default/hello-kubernetes"};
  port.frontends.push_back({.at = {.address = ip("10.96.0.7"), .port = 80}, .pool = 0x00300001});
  port.frontends.push_back({.at = {.port = 30080}, .pool = 0x80300001});
  for (const std::uint32_t number : {0x00300001U, 0x80300001U}) {
    auto& pool = port.pools[number];
    pool.number = number;
    pool.slots = {
        {0, {ip("10.244.0.2"), 8080}}, {1, {ip("10.244.1.2"), 8080}}, {2, {ip("10.244.2.2"), 8080}}};
  }
  const std::vector<Cidr> pods{Cidr::parse("10.244.0.0/16").value()};
  const std::vector<plan::SeenPort> ports{port};
  const auto text = iptables_view(ports, pods, Family::v4);
  EXPECT_THAT(
      text,
      HasSubstr("-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m comment --comment \"default/hello-kubernetes "
                "cluster IP\" -m tcp --dport 80 -j KUBE-SVC-XM7DIBVJQPJ3TSDT\n"));
  EXPECT_THAT(text, HasSubstr("-A KUBE-SVC-XM7DIBVJQPJ3TSDT ! -s 10.244.0.0/16 -d 10.96.0.7/32 -p tcp"));
  EXPECT_THAT(
      text,
      HasSubstr("-> 10.244.0.2:8080\" -m statistic --mode random --probability 0.33333333333 -j KUBE-SEP-"));
  EXPECT_THAT(
      text,
      HasSubstr("-> 10.244.1.2:8080\" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-"));
  EXPECT_THAT(text, HasSubstr("-> 10.244.2.2:8080\" -j KUBE-SEP-"));
  EXPECT_THAT(text, HasSubstr("-j DNAT --to-destination 10.244.2.2:8080\n"));
  EXPECT_THAT(
      text,
      HasSubstr("-A KUBE-NODEPORTS -p tcp -m comment --comment \"default/hello-kubernetes\" -m tcp --dport "
                "30080 -j KUBE-SVC-XM7DIBVJQPJ3TSDT\n"));
  EXPECT_THAT(iptables_view(ports, pods, Family::v6), Not(HasSubstr("KUBE-SVC")));
}

}  // namespace
}  // namespace podwire::cli
