#include "plan/service_addresses.h"

#include <gtest/gtest.h>

#include "plan/service_test_cluster.h"

namespace podwire::plan {
namespace {

using Type = ServiceType;
using Policy = FamilyPolicy;
const std::vector<Family> kV4{Family::v4};
const std::vector<Family> kDual{Family::v4, Family::v6};

ServiceFields with_ips(std::vector<std::string> ips) {
  auto out = service();
  out.cluster_ip = ips.front();
  out.cluster_ips = std::move(ips);
  return out;
}

ServiceFields with_policy(Policy policy) {
  auto out = service();
  out.policy = policy;
  return out;
}

TEST(ServiceAddresses, OneOfTheDefaultFamily) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(service()), "");
  EXPECT_EQ(cluster.stored.cluster_ip, "10.96.0.1");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1");
  EXPECT_EQ(cluster.family_list(), "IPv4");
  EXPECT_EQ(cluster.stored.policy, Policy::single_stack);

  Cluster six({Family::v6, Family::v4});
  EXPECT_EQ(six.create(service()), "");
  EXPECT_EQ(six.addresses(), "fd96::1");
}

TEST(ServiceAddresses, PoliciesAndFamilies) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(with_policy(Policy::prefer_dual_stack)), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1,fd96::1");
  auto six_first = with_policy(Policy::require_dual_stack);
  six_first.families = {Family::v6};
  EXPECT_EQ(cluster.create(six_first), "");
  EXPECT_EQ(cluster.addresses(), "fd96::2,10.96.0.2");
  EXPECT_EQ(cluster.family_list(), "IPv6,IPv4");
  auto only_six = service();
  only_six.families = {Family::v6};
  EXPECT_EQ(cluster.create(only_six), "");
  EXPECT_EQ(cluster.addresses(), "fd96::3");

  Cluster single(kV4);
  EXPECT_EQ(single.create(with_policy(Policy::prefer_dual_stack)), "");
  EXPECT_EQ(single.addresses(), "10.96.0.1");
  EXPECT_EQ(single.create(with_policy(Policy::require_dual_stack)),
            R"(spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for )"
            "dual-stack services");
  EXPECT_EQ(single.create(only_six),
            R"(spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster)");
  EXPECT_EQ(single.create(with_ips({"fd96::5"})),
            R"(spec.clusterIPs[0]: Invalid value: ["fd96::5"]: IPv6 is not configured on this cluster)");
  EXPECT_EQ(single.in_use(), 1U);
}

TEST(ServiceAddresses, ChosenOnes) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(with_ips({"10.96.0.9"})), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.9");
  EXPECT_EQ(cluster.create(with_ips({"10.96.0.9"})),
            R"(spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: )"
            "provided IP is already allocated");
  EXPECT_EQ(cluster.create(with_ips({"10.0.0.9"})),
            R"(spec.clusterIPs: Invalid value: ["10.0.0.9"]: failed to allocate IP 10.0.0.9: provided IP is )"
            "not in the valid range. The range of valid IPs is 10.96.0.0/28");
  auto both = with_ips({"fd96::7", "10.96.0.7"});
  both.policy = Policy::require_dual_stack;
  EXPECT_EQ(cluster.create(both), "");
  EXPECT_EQ(cluster.family_list(), "IPv6,IPv4");
  EXPECT_EQ(cluster.in_use(), 3U);
}

TEST(ServiceAddresses, ASingleStackHasNoSecond) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(with_ips({"10.96.0.1", "fd96::1"})),
            R"(spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or )"
            "'PreferDualStack' when multiple cluster IPs are specified");
  auto fields = service();
  fields.families = kDual;
  EXPECT_EQ(cluster.create(fields),
            R"(spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or )"
            "'PreferDualStack' when multiple IP families are specified");
  EXPECT_EQ(cluster.in_use(), 0U);
}

// To refuse it is validation's part, which comes after.
TEST(ServiceAddresses, WhatIsMalformedIsPassedOn) {
  Cluster cluster;
  for (const std::vector<std::string>& ips : {std::vector<std::string>{"10.96.0.300"},
                                              {"None", "x"},
                                              {"x", "y", "z"},
                                              {"10.96.0.1", "10.96.0.2", "fd96::1"}}) {
    auto fields = with_ips(ips);
    fields.policy = Policy::prefer_dual_stack;
    EXPECT_EQ(cluster.put(nullptr, fields, true), "") << ips[0];
    EXPECT_EQ(cluster.stored.cluster_ips.front(), ips.front());
  }
  auto twice = service();
  twice.policy = Policy::require_dual_stack;
  twice.families = {Family::v4, Family::v4};
  EXPECT_EQ(cluster.put(nullptr, twice, true), "");
  EXPECT_EQ(cluster.in_use(), 0U);
}

TEST(ServiceAddresses, HeadlessHasFamiliesButNoAddress) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(with_ips({"None"})), "");
  EXPECT_EQ(cluster.addresses(), "None");
  EXPECT_EQ(cluster.family_list(), "IPv4");
  auto free = with_ips({"None"});
  free.has_selector = false;
  EXPECT_EQ(cluster.create(free), "");
  EXPECT_EQ(cluster.family_list(), "IPv4,IPv6");
  EXPECT_EQ(cluster.stored.policy, Policy::require_dual_stack);
  // Its families need not be the cluster's.
  Cluster single(kV4);
  EXPECT_EQ(single.create(free), "");
  EXPECT_EQ(single.family_list(), "IPv4,IPv6");
  EXPECT_EQ(single.in_use() + cluster.in_use(), 0U);
}

TEST(ServiceAddresses, AnUpdateThatChangesNothingTakesNothing) {
  Cluster cluster;
  auto asked = service(Type::load_balancer);
  asked.local_traffic = true;
  asked.policy = Policy::prefer_dual_stack;
  ASSERT_EQ(cluster.create(asked), "");
  const auto first = cluster.stored;
  EXPECT_EQ(cluster.update(first), "");
  EXPECT_EQ(cluster.stored, first);
  auto older_client = first;  // does not know of families and policies
  older_client.families.clear();
  older_client.policy.reset();
  EXPECT_EQ(cluster.update(older_client), "");
  EXPECT_EQ(cluster.stored, first);
  EXPECT_EQ(cluster.in_use(), 2U);
  EXPECT_EQ(cluster.ports.taken(), 2U);
}

TEST(ServiceAddresses, FromOneFamilyToTwoAndBack) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(service()), "");
  auto now = cluster.stored;
  now.policy = Policy::prefer_dual_stack;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1,fd96::1");

  now = cluster.stored;
  now.cluster_ips.resize(1);
  EXPECT_EQ(cluster.update(now),
            R"(spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be 'SingleStack' to release the )"
            "secondary cluster IP");
  now.policy = Policy::single_stack;  // the families, which were not touched, follow
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1");
  EXPECT_EQ(cluster.in_use(), 1U);

  now = cluster.stored;
  now.policy = Policy::require_dual_stack;
  now.cluster_ips.emplace_back("fd96::c");
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1,fd96::c");
  now = cluster.stored;
  now.policy = Policy::single_stack;  // alone, this is enough
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.family_list(), "IPv4");
  EXPECT_EQ(cluster.in_use(), 1U);
}

TEST(ServiceAddresses, AClusterThatChangesDoesNotChangeItsServices) {
  Cluster cluster(kV4);
  ASSERT_EQ(cluster.create(with_policy(Policy::prefer_dual_stack)), "");
  cluster.families = kDual;
  ASSERT_TRUE(cluster.ips.add("IPv6", std::vector{Cidr::parse("fd96::/124").value()}));
  EXPECT_EQ(cluster.update(cluster.stored), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1");
}

TEST(ServiceAddresses, TypesComeAndGo) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(with_policy(Policy::prefer_dual_stack)), "");
  auto now = cluster.stored;
  now.type = Type::node_port;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30000U);

  now = cluster.stored;
  now.type = Type::load_balancer;
  now.local_traffic = true;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 30000U);
  EXPECT_EQ(cluster.stored.health_check_node_port, 30001U);

  now = cluster.stored;
  now.type = Type::cluster_ip;
  now.local_traffic = false;
  now.ports[0].node_port = 0;
  now.health_check_node_port = 0;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.ports.taken(), 0U);
  EXPECT_EQ(cluster.in_use(), 2U);

  EXPECT_EQ(cluster.update(service(Type::external_name)), "");
  EXPECT_EQ(cluster.in_use(), 0U);

  now = cluster.stored;
  now.type = Type::cluster_ip;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1");
}

TEST(ServiceAddresses, ExternalNameHasNone) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(service(Type::external_name)), "");
  EXPECT_EQ(cluster.in_use(), 0U);
}

TEST(ServiceAddresses, AFullPoolLeavesNothingTaken) {
  Cluster cluster;
  for (int i = 0; i < 14; ++i) ASSERT_EQ(cluster.create(service()), "");
  auto six_first = with_policy(Policy::require_dual_stack);
  six_first.families = {Family::v6};
  EXPECT_EQ(cluster.create(six_first), "failed to allocate a serviceIP: range is full");
  EXPECT_EQ(cluster.in_use(), 14U);
}

TEST(ServiceAddresses, ADryRunTakesNothing) {
  Cluster cluster;
  auto asked = service(Type::load_balancer);
  asked.local_traffic = true;
  EXPECT_EQ(cluster.put(nullptr, asked, true), "");
  EXPECT_EQ(cluster.addresses(), "10.96.0.1");
  EXPECT_EQ(cluster.stored.health_check_node_port, 30001U);
  EXPECT_EQ(cluster.in_use(), 0U);
  EXPECT_EQ(cluster.ports.taken(), 0U);
}

TEST(ServiceAddresses, ADeletedServiceGivesAllBack) {
  Cluster cluster;
  auto asked = service(Type::load_balancer);
  asked.local_traffic = true;
  asked.policy = Policy::prefer_dual_stack;
  ASSERT_EQ(cluster.create(asked), "");
  release(plan_removal(cluster.stored), cluster.ips, cluster.ports);
  EXPECT_EQ(cluster.in_use(), 0U);
  EXPECT_EQ(cluster.ports.taken(), 0U);
}

TEST(ServiceNames, ThereAndBack) {
  for (const auto* name : {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"})
    EXPECT_EQ(name_of(service_type(name).value()), name);
  for (const auto* name : {"SingleStack", "PreferDualStack", "RequireDualStack"})
    EXPECT_EQ(name_of(family_policy(name).value()), name);
  EXPECT_FALSE(service_type("clusterip"));
  EXPECT_FALSE(family_policy(""));
}

}  // namespace
}  // namespace podwire::plan
