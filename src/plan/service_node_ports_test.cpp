#include <gtest/gtest.h>

#include "plan/service_test_cluster.h"

namespace podwire::plan {
namespace {

using Type = ServiceType;

ServiceFields with_ports(std::vector<ServiceFields::Port> ports, Type type = Type::node_port) {
  auto out = service(type);
  out.ports = std::move(ports);
  return out;
}

TEST(ServiceNodePorts, OnePortOfTwoProtocolsIsShared) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(with_ports({{"tcp", "TCP", 53}, {"udp", "UDP", 53}, {"m", "TCP", 9153}})), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30000U);
  EXPECT_EQ(cluster.stored.ports[1].node_port, 30000U);
  EXPECT_EQ(cluster.stored.ports[2].node_port, 30001U);
  EXPECT_EQ(cluster.ports.taken(), 2U);
  ASSERT_EQ(cluster.create(with_ports({{"tcp", "TCP", 53}, {"udp", "UDP", 53, 30009}})), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30009U);
  EXPECT_EQ(cluster.ports.taken(), 3U);
}

TEST(ServiceNodePorts, ChosenOnes) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(with_ports({{"a", "TCP", 80, 30005}})), "");
  EXPECT_EQ(cluster.create(with_ports({{"a", "TCP", 80}, {"b", "TCP", 81, 30005}})),
            "spec.ports[1].nodePort: Invalid value: 30005: provided port is already allocated");
  EXPECT_EQ(
      cluster.create(with_ports({{"a", "TCP", 80, 80}})),
      "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of "
      "valid ports is 30000-30015");
  EXPECT_EQ(cluster.ports.taken(), 1U);
  EXPECT_EQ(cluster.in_use(), 1U);
}

TEST(ServiceNodePorts, AnUpdateTakesWhatIsNewAndFreesWhatIsGone) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(with_ports({{"a", "TCP", 80}, {"b", "TCP", 81}})), "");
  // b is gone, c is new.
  ASSERT_EQ(cluster.update(with_ports({{"c", "TCP", 82}, {"a", "TCP", 80, 30000}})), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30002U);
  EXPECT_EQ(cluster.stored.ports[1].node_port, 30000U);
  EXPECT_EQ(cluster.ports.taken(), 2U);
  EXPECT_FALSE(cluster.ports.contains(30001));
  // The number of one port passes to another.
  ASSERT_EQ(cluster.update(with_ports({{"c", "TCP", 82, 30000}, {"a", "TCP", 80}})), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30000U);
  EXPECT_EQ(cluster.stored.ports[1].node_port, 30001U);
  EXPECT_EQ(cluster.ports.taken(), 2U);
}

TEST(ServiceNodePorts, BalancersMayGoWithout) {
  Cluster cluster;
  auto asked = with_ports({{"a", "TCP", 80}, {"b", "TCP", 81, 30004}}, Type::load_balancer);
  asked.allocate_balancer_node_ports = false;
  ASSERT_EQ(cluster.create(asked), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 0U);
  EXPECT_EQ(cluster.stored.ports[1].node_port, 30004U);
  EXPECT_EQ(cluster.ports.taken(), 1U);
}

TEST(ServiceNodePorts, HealthCheck) {
  Cluster cluster;
  auto asked = service(Type::load_balancer);
  asked.local_traffic = true;
  asked.health_check_node_port = 30010;
  ASSERT_EQ(cluster.create(asked), "");
  EXPECT_EQ(cluster.create(asked),
            "failed to allocate requested HealthCheck NodePort 30010: provided port is "
            "already allocated");
  EXPECT_EQ(cluster.ports.taken(), 2U);
  for (int i = 0; i < 14; ++i) ASSERT_EQ(cluster.ports.allocate().has_value(), true);
  EXPECT_EQ(cluster.create(service(Type::node_port)), "failed to allocate a nodePort: range is full");
}

}  // namespace
}  // namespace podwire::plan
