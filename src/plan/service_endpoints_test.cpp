#include "plan/service_endpoints.h"

#include <gtest/gtest.h>

#include "plan/service_testing.h"

namespace podwire::plan {
namespace {

using testing::shown;
using testing::slice;

EndpointChoice choose(const std::vector<kube::EndpointSlice>& slices, Family family = Family::v4,
                      std::string_view port = "", std::string_view protocol = "TCP") {
  std::vector<const kube::EndpointSlice*> pointers;
  for (const auto& one : slices) pointers.push_back(&one);
  return choose_endpoints(pointers, family, port, protocol, {.name = "node1", .zone = "a"});
}

TEST(ServiceEndpoints, ReadyOnesOfAllSlices) {
  const auto choice =
      choose({slice("s", {"10.244.1.2@node1", "10.244.2.2@node2"}), slice("s", {"10.244.0.9@node0"})});
  EXPECT_EQ(shown(choice.cluster), "10.244.0.9:8080 10.244.1.2:8080 10.244.2.2:8080");
  EXPECT_EQ(shown(choice.local), "10.244.1.2:8080");
  EXPECT_EQ(choice.local_ready, 1U);
  EXPECT_TRUE(choice.any);
}

TEST(ServiceEndpoints, ThoseThatEndOnlyWhereNoneIsReady) {
  auto choice = choose({slice("s", {"10.244.1.2@node1~", "10.244.2.2@node2"})});
  EXPECT_EQ(shown(choice.cluster), "10.244.2.2:8080");
  EXPECT_EQ(shown(choice.local), "10.244.1.2:8080") << "on this node none is ready";
  EXPECT_EQ(choice.local_ready, 0U) << "a balancer should go elsewhere";
  EXPECT_EQ(shown(choice.serving), "10.244.1.2:8080 10.244.2.2:8080");
  choice = choose({slice("s", {"10.244.1.2@node1~", "10.244.2.2@node2!"})});
  EXPECT_EQ(shown(choice.cluster), "10.244.1.2:8080");
  choice = choose({slice("s", {"10.244.2.2@node2!"})});
  EXPECT_FALSE(choice.any);
  EXPECT_TRUE(choice.cluster.empty() && choice.local.empty() && choice.serving.empty());
}

TEST(ServiceEndpoints, APortIsToldByItsName) {
  const std::vector<kube::EndpointSlice> slices{slice("s", {"10.244.0.2"}, 8080, "http"),
                                                slice("s", {"10.244.0.3"}, 9090, "http"),
                                                slice("s", {"10.244.0.4"}, 53, "dns")};
  EXPECT_EQ(shown(choose(slices, Family::v4, "http").cluster), "10.244.0.2:8080 10.244.0.3:9090");
  EXPECT_EQ(shown(choose(slices, Family::v4, "dns", "UDP").cluster), "") << "another protocol";
}

TEST(ServiceEndpoints, OtherFamiliesAndNamesArePassedOver) {
  auto fqdn = slice("s", {"example.com"});
  fqdn.address_type = "FQDN";
  auto wrong = slice("s", {"fd00::2"});
  wrong.address_type = "IPv4";
  const std::vector<kube::EndpointSlice> slices{slice("s", {"10.244.0.2", "10.244.0.2"}),
                                                slice("s", {"fd00::1"}), fqdn, wrong};
  EXPECT_EQ(shown(choose(slices).cluster), "10.244.0.2:8080");
  EXPECT_EQ(shown(choose(slices, Family::v6).cluster), "fd00::1:8080");
}

TEST(ServiceEndpoints, HintsCountWhenEachHasOneAndOneIsForUs) {
  auto hinted = slice("s", {"10.244.0.2", "10.244.0.3"});
  hinted.endpoints[0].for_zones = {"a"};
  EXPECT_EQ(shown(choose({hinted}).cluster), "10.244.0.2:8080 10.244.0.3:8080") << "one has no hint";
  hinted.endpoints[1].for_zones = {"b"};
  EXPECT_EQ(shown(choose({hinted}).cluster), "10.244.0.2:8080");
  hinted.endpoints[0].for_zones = {"b"};
  EXPECT_EQ(shown(choose({hinted}).cluster), "10.244.0.2:8080 10.244.0.3:8080") << "none is for us";
  hinted.endpoints[0].for_nodes = {"node2"};
  hinted.endpoints[1].for_nodes = {"node1"};
  EXPECT_EQ(shown(choose({hinted}).cluster), "10.244.0.3:8080") << "the same node comes before the same zone";
}

TEST(ServiceEndpoints, AnEndpointThatMovesBetweenSlicesIsThereOnce) {
  const auto choice = choose({slice("s", {"10.244.1.2@node1~"}), slice("s", {"10.244.1.2@node1"})});
  EXPECT_EQ(shown(choice.cluster), "10.244.1.2:8080");
  EXPECT_EQ(choice.local_ready, 1U);
}

}  // namespace
}  // namespace podwire::plan
