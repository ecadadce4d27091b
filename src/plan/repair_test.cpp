#include "plan/repair.h"

#include <gtest/gtest.h>

namespace podwire::plan {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::sys_seconds kNow{1'000'000s};

IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }

ServiceRecord service(std::string name, std::initializer_list<std::string_view> ips,
                      std::vector<unsigned> ports = {}) {
  ServiceRecord out{.ns = "default", .name = std::move(name), .ports = std::move(ports)};
  for (const auto ip : ips) out.addresses.push_back(addr(ip));
  return out;
}

AddressRecord record(std::string_view ip, std::string name, std::chrono::seconds age = 1h) {
  return {.addr = addr(ip),
          .ns = name.empty() ? "" : "default",
          .service = std::move(name),
          .created = kNow - age};
}

/// What is done, one line each: "- 10.96.0.1", "+ 10.96.0.1 web", "web Reason: message".
std::string repair(const std::vector<ServiceRecord>& services, const std::vector<AddressRecord>& addresses) {
  ClusterIps ranges([] { return 0U; });
  EXPECT_TRUE(ranges.add("kubernetes", std::vector{Cidr::parse("10.96.0.0/24").value()}));
  EXPECT_TRUE(ranges.add("going", std::vector{Cidr::parse("fd96::/112").value()}));
  ranges.retire("going");
  const auto done = repair_addresses(services, addresses, ranges, kNow);
  std::string out;
  for (const auto& one : done.remove) out += "- " + one.str() + "\n";
  for (const auto& one : done.create) out += "+ " + one.addr.str() + " " + one.service + "\n";
  for (const auto& one : done.warnings) out += one.service + " " + one.reason + ": " + one.message + "\n";
  return out;
}

TEST(RepairAddresses, NothingToDo) {
  EXPECT_EQ(repair({}, {}), "");
  EXPECT_EQ(repair({service("web", {"10.96.0.1", "fd96::1"}), service("headless", {})},
                   {record("10.96.0.1", "web"), record("fd96::1", "web")}),
            "");
}

TEST(RepairAddresses, OrphansGoAfterAMinute) {
  EXPECT_EQ(repair({}, {record("10.96.0.1", "gone", 60s)}), "");
  EXPECT_EQ(repair({}, {record("10.96.0.1", "gone", 61s)}),
            "- 10.96.0.1\n"
            " IPAddressNotAllocated: IPAddress: 10.96.0.1 for Service default/gone appears to have leaked: "
            "cleaning up\n");
}

TEST(RepairAddresses, AnAddressThatItsServiceDoesNotHaveGoes) {
  EXPECT_EQ(repair({service("web", {"10.96.0.1"})}, {record("10.96.0.1", "web"), record("10.96.0.2", "web")}),
            "- 10.96.0.2\n"
            " IPAddressWrongReference: IPAddress: 10.96.0.2 for Service default/web has a wrong reference; "
            "cleaning up\n");
  EXPECT_EQ(
      repair({service("web", {"10.96.0.1"})}, {record("10.96.0.1", "web"), record("10.96.0.2", "web", 5s)}),
      "");
}

TEST(RepairAddresses, OneWithoutAServiceForAParentGoesAtOnce) {
  EXPECT_EQ(repair({}, {record("10.96.0.1", "", 1s)}),
            "- 10.96.0.1\n"
            " IPAddressNotAllocated: IPAddress: 10.96.0.1 appears to have been modified, not referencing a "
            "Service: cleaning up\n");
  auto of_someone_else = record("10.96.0.1", "");
  of_someone_else.managed = false;
  EXPECT_EQ(repair({}, {of_someone_else}), "");
}

TEST(RepairAddresses, AServiceWithoutItsAddressGetsIt) {
  EXPECT_EQ(repair({service("web", {"10.96.0.1"})}, {}),
            "+ 10.96.0.1 web\n"
            "web ClusterIPNotAllocated: Cluster IP [IPv4]: 10.96.0.1 is not allocated; repairing\n");
  EXPECT_EQ(repair({service("web", {"10.96.0.1"})}, {record("10.96.0.1", "gone", 1s)}),
            "- 10.96.0.1\n+ 10.96.0.1 web\n"
            "web ClusterIPNotAllocated: the ClusterIP [IPv4]: 10.96.0.1 for Service default/web has a wrong "
            "reference; repairing\n");
  auto unlabelled = record("10.96.0.1", "web");
  unlabelled.labels_right = false;
  EXPECT_EQ(repair({service("web", {"10.96.0.1"})}, {unlabelled}), "- 10.96.0.1\n+ 10.96.0.1 web\n");
}

TEST(RepairAddresses, OfTwoServicesWithOneAddressOneHasIt) {
  const auto* warning =
      " ClusterIPAlreadyAllocated: Cluster IP [IPv4]: 10.96.0.1 was assigned to multiple services; please "
      "recreate service\n";
  EXPECT_EQ(repair({service("a", {"10.96.0.1"}), service("b", {"10.96.0.1"})}, {record("10.96.0.1", "b")}),
            std::string("a") + warning);
  EXPECT_EQ(repair({service("a", {"10.96.0.1"}), service("b", {"10.96.0.1"})}, {}),
            "+ 10.96.0.1 a\n"
            "a ClusterIPNotAllocated: Cluster IP [IPv4]: 10.96.0.1 is not allocated; repairing\nb" +
                std::string(warning));
}

TEST(RepairAddresses, WhatIsInNoRangeIsOnlySaid) {
  EXPECT_EQ(
      repair({service("web", {"10.99.0.1"})}, {record("10.99.0.1", "web")}),
      "web ClusterIPOutOfRange: Cluster IP [IPv4]: 10.99.0.1 is not within any configured Service CIDR; "
      "please recreate service\n");
}

NodePorts holding(std::initializer_list<std::uint16_t> held) {
  NodePorts out({30000, 30999}, [] { return 0U; });
  for (const auto port : held) out.occupy(port);
  return out;
}

TEST(RepairPorts, ALeakIsReleasedWhenSeenTwice) {
  const auto ports = holding({30001, 30002});
  const auto first = repair_ports(std::vector{service("web", {}, {30001})}, ports, {});
  EXPECT_TRUE(first.release.empty());
  EXPECT_EQ(first.suspects, std::set<unsigned>{30002});
  const auto second = repair_ports(std::vector{service("web", {}, {30001})}, ports, first.suspects);
  EXPECT_EQ(second.release, std::vector<unsigned>{30002});
  // One that was only being made in between is no suspect any more.
  const auto made = repair_ports(std::vector{service("web", {}, {30001, 30002})}, ports, first.suspects);
  EXPECT_TRUE(made.release.empty());
  EXPECT_TRUE(made.suspects.empty());
}

TEST(RepairPorts, WhatServicesHaveIsTaken) {
  const auto done = repair_ports(
      std::vector{service("a", {}, {30001}), service("b", {}, {30001, 30500}), service("c", {}, {80})},
      holding({30001}), {});
  EXPECT_EQ(done.occupy, (std::vector<unsigned>{30500, 80}));
  std::string warnings;
  for (const auto& one : done.warnings)
    warnings += one.service + " " + one.reason + ": " + one.message + "\n";
  EXPECT_EQ(warnings,
            "b PortAlreadyAllocated: Port 30001 was assigned to multiple services; please recreate service\n"
            "b PortNotAllocated: Port 30500 is not allocated; repairing\n"
            "c PortOutOfRange: Port 80 is not within the port range 30000-30999; please recreate service\n");
}

}  // namespace
}  // namespace podwire::plan
