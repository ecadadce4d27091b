#include <fmt/format.h>

#include "control/loops/chaos_testing.h"
#include "kube/types/service.h"

namespace podwire::control::testing {
namespace {

ControllerOptions with_pool(std::initializer_list<std::string_view> ranges) {
  ControllerOptions options;
  for (const auto range : ranges) options.lb_pool.push_back(plan::address_run(range).value());
  return options;
}

std::string service(std::string_view name, std::string_view more = "") {
  return fmt::format(R"({{"metadata":{{"name":"{}","namespace":"default"}},
    "spec":{{"type":"LoadBalancer","ports":[{{"port":80}}]{}}}}})",
                     name, more);
}

std::string addresses(const Cluster& cluster, std::string_view name) {
  std::string out;
  for (const auto& s : cluster.api.typed<kube::Service>("services"))
    if (s.meta.name == name)
      for (const auto& ip : s.load_balancer_ips) out += (out.empty() ? "" : " ") + ip.str();
  return out;
}

TEST(LoadBalancerLoop, GivesAndTakesBack) {
  Cluster cluster(with_pool({"192.0.2.1-192.0.2.2", "2001:db8::1-2001:db8::2"}));
  cluster.create("services", service("a", R"(,"ipFamilies":["IPv6","IPv4"])"));
  cluster.create("services", service("b", R"(,"ipFamilies":["IPv4"])"));
  cluster.create("services", service("other", R"(,"loadBalancerClass":"example.com/x")"));
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "a"), "2001:db8::1 192.0.2.1");
  EXPECT_EQ(addresses(cluster, "b"), "192.0.2.2");
  EXPECT_EQ(addresses(cluster, "other"), "");
  cluster.create("services", service("c", R"(,"ipFamilies":["IPv6","IPv4"])"));
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "c"), "") << "both families or none";
  ASSERT_EQ(cluster.api.all("events").size(), 1U);
  EXPECT_EQ(kube::text_in(*cluster.api.all("events").at(0), "type"), "Warning");
  cluster.api.change("services", "default", "b",
                     [](json::object& s) { s["spec"].get_object()["type"] = "ClusterIP"; });
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "b"), "");
  EXPECT_EQ(addresses(cluster, "c"), "2001:db8::2 192.0.2.2");
}

TEST(LoadBalancerLoop, HonoursTheAddressThatIsAskedFor) {
  Cluster cluster(with_pool({"192.0.2.1-192.0.2.9"}));
  cluster.create("services", service("a", R"(,"loadBalancerIP":"192.0.2.7")"));
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "a"), "192.0.2.7");
  cluster.create("services", service("b", R"(,"loadBalancerIP":"192.0.2.7")"));
  cluster.create("services", service("c", R"(,"loadBalancerIP":"198.51.100.1")"));
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "b") + addresses(cluster, "c"), "");
  cluster.api.erase("services", "default", "a");
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "b"), "192.0.2.7");
}

TEST(LoadBalancerLoop, KeepsAddressesOverARestart) {
  Cluster cluster(with_pool({"192.0.2.1-192.0.2.9"}));
  for (const auto* name : {"a", "b", "c"}) cluster.create("services", service(name));
  cluster.settle();
  cluster.api.erase("services", "default", "a");
  cluster.start();
  cluster.create("services", service("0-the-first-by-name"));
  cluster.settle();
  EXPECT_EQ(addresses(cluster, "b"), "192.0.2.2");
  EXPECT_EQ(addresses(cluster, "c"), "192.0.2.3");
  EXPECT_EQ(addresses(cluster, "0-the-first-by-name"), "192.0.2.1");
}

using LoadBalancerFaults = AnyFaults;
INSTANTIATE_TEST_SUITE_P(Seeds, LoadBalancerFaults, ::testing::Range(0U, 20U));

TEST_P(LoadBalancerFaults, NoAddressIsShownTwice) {
  Chaos chaos(GetParam(), with_pool({"192.0.2.1-192.0.2.3"}));
  auto& api = chaos.cluster.api;
  const auto services = [&] { return api.typed<kube::Service>("services"); };
  api.written = [&](const http::Call&, const std::string&) {
    std::set<IpAddr> seen;
    for (const auto& s : services())
      for (const auto& ip : s.load_balancer_ips) ASSERT_TRUE(seen.insert(ip).second) << ip.str();
  };
  chaos.cluster.settle();
  api.hold_watches();
  for (int i = 0; i < 200; ++i) {
    const auto name = fmt::format("s{}", chaos.below(5));
    const bool there = api.find("services", "default", name) != nullptr;
    const auto what = chaos.below(12);
    if (!there && what < 2) chaos.cluster.create("services", service(name));
    if (there && what == 0) api.erase("services", "default", name);
    if (there && what == 1)
      api.change("services", "default", name, [&](json::object& s) {
        s["spec"].get_object()["type"] = chaos.below(2) == 0 ? "ClusterIP" : "LoadBalancer";
      });
    chaos.step();
  }
  chaos.calm();
  std::size_t want = 0, have = 0;
  for (const auto& s : services()) {
    want += s.type == "LoadBalancer" ? 1 : 0;
    have += s.load_balancer_ips.empty() ? 0 : 1;
  }
  EXPECT_EQ(have, std::min<std::size_t>(want, 3));
}

}  // namespace
}  // namespace podwire::control::testing
