#include "plan/service_addresses.h"

#include <gtest/gtest.h>

namespace podwire::plan {
namespace {

using Type = ServiceType;
using Policy = FamilyPolicy;
const std::vector<Family> kV4{Family::v4};
const std::vector<Family> kDual{Family::v4, Family::v6};

/// A cluster whose pools give their lowest address or port first.
struct Cluster {
  explicit Cluster(std::vector<Family> with = kDual)
      : families(std::move(with)), ips([] { return 0U; }), ports({30000, 30015}, [] { return 0U; }) {
    for (const auto family : families) {
      const std::vector cidrs{Cidr::parse(family == Family::v4 ? "10.96.0.0/28" : "fd96::/124").value()};
      EXPECT_TRUE(ips.add(std::string(podwire::name_of(family)), cidrs));
    }
  }

  /// As the server does it. What is refused comes back as one text, "" else.
  std::string put(const ServiceFields* old, const ServiceFields& now, bool dry_run = false) {
    auto plan = plan_addresses(old, now, families);
    if (!plan) return text(plan.error());
    if (const auto ok = take(*plan, ips, ports); !ok) return text(ok.error());
    stored = plan->fields;
    if (dry_run)
      undo(*plan, ips, ports);
    else
      release(*plan, ips, ports);
    return "";
  }
  std::string create(const ServiceFields& service) { return put(nullptr, service); }
  std::string update(const ServiceFields& now) {
    const auto old = stored;
    return put(&old, now);
  }

  static std::string text(const AddressRefusal& refusal) {
    std::string out = refusal.internal;
    for (const auto& one : refusal.fields) out += (out.empty() ? "" : "; ") + one.field + ": " + one.message;
    return out;
  }
  [[nodiscard]] std::string addresses() const {
    std::string out;
    for (const auto& ip : stored.cluster_ips) out += (out.empty() ? "" : ",") + ip;
    return out;
  }
  [[nodiscard]] std::string family_list() const { return shown(stored.families); }
  [[nodiscard]] std::uint64_t in_use() const {
    return ips.taken_count(Family::v4) + ips.taken_count(Family::v6);
  }

  std::vector<Family> families;
  ClusterIps ips;
  NodePorts ports;
  ServiceFields stored;
};

ServiceFields service(Type type = Type::cluster_ip) {
  return {.type = type, .has_selector = true, .ports = {{.name = "web", .port = 80}}};
}

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
  EXPECT_EQ(cluster.family_list(), R"(["IPv4"])");
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
  EXPECT_EQ(cluster.family_list(), R"(["IPv6","IPv4"])");
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
  auto old_client = service();
  old_client.cluster_ip = "10.96.0.9";
  EXPECT_EQ(cluster.create(old_client), "");
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
  EXPECT_EQ(cluster.family_list(), R"(["IPv6","IPv4"])");
  EXPECT_EQ(cluster.in_use(), 3U);
}

TEST(ServiceAddresses, RefusesShapesThatMakeNoSense) {
  Cluster cluster;
  const auto error = [&](ServiceFields fields) { return cluster.create(fields); };
  EXPECT_EQ(error(with_ips({"10.96.0.300"})),
            R"(spec.clusterIPs[0]: Invalid value: "10.96.0.300": must be a valid IP address, )"
            "(e.g. 10.9.8.7 or 2001:db8::ffff)");
  EXPECT_EQ(
      error(with_ips({"None", "10.96.0.1"})),
      R"(spec.clusterIPs: Invalid value: ["None","10.96.0.1"]: 'None' must be the first and only value)");
  auto fields = with_ips({"10.96.0.1", "10.96.0.2"});
  fields.policy = Policy::prefer_dual_stack;
  EXPECT_EQ(
      error(fields),
      R"(spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: may specify no more than one IP for )"
      "each IP family");
  fields = with_ips({"10.96.0.1", "fd96::1"});
  EXPECT_EQ(error(fields),
            R"(spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or )"
            "'PreferDualStack' when multiple cluster IPs are specified");
  fields = service();
  fields.families = kDual;
  EXPECT_EQ(error(fields),
            R"(spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or )"
            "'PreferDualStack' when multiple IP families are specified");
  fields.families = {Family::v4, Family::v4};
  EXPECT_EQ(error(fields), R"(spec.ipFamilies[1]: Duplicate value: "IPv4")");
  fields = with_ips({"10.96.0.1"});
  fields.families = {Family::v6};
  EXPECT_EQ(error(fields),
            R"(spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by )"
            "`ipFamilies[0]`");
  fields = with_ips({"10.96.0.1"});
  fields.cluster_ip = "10.96.0.2";
  EXPECT_EQ(error(fields),
            R"(spec.clusterIPs: Invalid value: ["10.96.0.1"]: first value must match `clusterIP`)");
  fields.cluster_ip = "";
  EXPECT_EQ(
      error(fields),
      R"(spec.clusterIPs: Invalid value: ["10.96.0.1"]: must be empty when `clusterIP` is not specified)");
  EXPECT_EQ(cluster.in_use(), 0U);
}

TEST(ServiceAddresses, HeadlessHasFamiliesButNoAddress) {
  Cluster cluster;
  EXPECT_EQ(cluster.create(with_ips({"None"})), "");
  EXPECT_EQ(cluster.addresses(), "None");
  EXPECT_EQ(cluster.family_list(), R"(["IPv4"])");
  auto free = with_ips({"None"});
  free.has_selector = false;
  EXPECT_EQ(cluster.create(free), "");
  EXPECT_EQ(cluster.family_list(), R"(["IPv4","IPv6"])");
  EXPECT_EQ(cluster.stored.policy, Policy::require_dual_stack);
  // Its families need not be the cluster's.
  Cluster single(kV4);
  EXPECT_EQ(single.create(free), "");
  EXPECT_EQ(single.family_list(), R"(["IPv4","IPv6"])");
  EXPECT_EQ(single.in_use() + cluster.in_use(), 0U);
}

TEST(ServiceAddresses, ApplyingTheSameAgainChangesNothing) {
  Cluster cluster;
  auto asked = service(Type::load_balancer);
  asked.local_traffic = true;
  asked.policy = Policy::prefer_dual_stack;
  ASSERT_EQ(cluster.create(asked), "");
  const auto first = cluster.stored;
  EXPECT_EQ(cluster.update(asked), "");
  EXPECT_EQ(cluster.stored, first);
  EXPECT_EQ(cluster.update(first), "");
  EXPECT_EQ(cluster.stored, first);
  EXPECT_EQ(cluster.in_use(), 2U);
  EXPECT_EQ(cluster.ports.taken(), 2U);
}

TEST(ServiceAddresses, TheFirstAddressStays) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(service()), "");
  EXPECT_EQ(cluster.update(with_ips({"10.96.0.9"})),
            R"(spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set)");
  EXPECT_EQ(cluster.update(with_ips({"None"})),
            R"(spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set)");
  auto six = service();
  six.families = {Family::v6};
  EXPECT_EQ(cluster.update(six),
            R"(spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by )"
            "`ipFamilies[0]`");
  EXPECT_EQ(cluster.in_use(), 1U);
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
  EXPECT_EQ(cluster.family_list(), R"(["IPv4"])");
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
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.stored.ports[0].node_port, 0U);
  EXPECT_EQ(cluster.stored.health_check_node_port, 0U);
  EXPECT_EQ(cluster.ports.taken(), 0U);
  EXPECT_EQ(cluster.in_use(), 2U);

  now = cluster.stored;
  now.type = Type::external_name;
  EXPECT_EQ(cluster.update(now), "");
  EXPECT_EQ(cluster.addresses(), "");
  EXPECT_EQ(cluster.family_list(), "null");
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
  auto bad = with_ips({"10.96.0.1"});
  bad.type = Type::external_name;
  EXPECT_EQ(cluster.create(bad), "spec.clusterIPs: Forbidden: may not be set for ExternalName services");
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
  EXPECT_EQ(cluster.create(with_ports({{"a", "TCP", 80, 30007}, {"b", "TCP", 81, 30007}})),
            "spec.ports[1].nodePort: Invalid value: 30007: provided port is already allocated");
  EXPECT_EQ(cluster.ports.taken(), 1U);
  EXPECT_EQ(cluster.in_use(), 1U);
}

TEST(ServiceNodePorts, AnUpdateTakesWhatIsNewAndFreesWhatIsGone) {
  Cluster cluster;
  ASSERT_EQ(cluster.create(with_ports({{"a", "TCP", 80}, {"b", "TCP", 81}})), "");
  // b is gone, c is new, a keeps its own though it is not mentioned.
  ASSERT_EQ(cluster.update(with_ports({{"c", "TCP", 82}, {"a", "TCP", 80}})), "");
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
  asked.health_check_node_port = 30011;
  EXPECT_EQ(cluster.update(asked), "spec.healthCheckNodePort: Invalid value: 30011: field is immutable");
  for (int i = 0; i < 14; ++i) ASSERT_EQ(cluster.ports.allocate().has_value(), true);
  EXPECT_EQ(cluster.create(service(Type::node_port)), "failed to allocate a nodePort: range is full");
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
