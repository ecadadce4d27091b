#include "server/registry_testing.h"
#include "server/service_upkeep.h"

namespace podwire::server {
namespace {

using kube::text_in;
using namespace std::chrono_literals;

Flags small_range() {
  Flags out;
  out.service_cidr = "10.96.0.0/28";
  return out;
}

/// A cluster with few addresses for Services, and what looks after them.
class ServiceCidrTest : public RegistryTest {
 protected:
  ServiceCidrTest() : RegistryTest(small_range()) {}

  void tick() { wait(upkeep_.tick()); }
  kube::Answer<Written> add_range(std::string_view name, std::string_view cidr) {
    return create("ServiceCIDR",
                  R"({"metadata":{"name":")" + std::string(name) + R"("},"spec":{"cidrs":[")" +
                      std::string(cidr) + R"("]}})",
                  "");
  }
  kube::Answer<Written> add_service(std::string_view name, std::string_view address = "") {
    const auto wish = address.empty() ? std::string() : R"("clusterIP":")" + std::string(address) + R"(",)";
    return create("Service", R"({"metadata":{"name":")" + std::string(name) + R"("},"spec":{)" + wish +
                                 R"("ports":[{"port":80}]}})");
  }
  std::string ready_of(std::string name, std::string_view what) {
    const auto object = get("ServiceCIDR", std::move(name), "");
    const auto* conditions = object ? kube::array_in(*object, "status", "conditions") : nullptr;
    if (conditions == nullptr || conditions->size() != 1) return "no single condition";
    return std::string(text_in(conditions->front().as_object(), what));
  }
  std::set<std::string> event_reasons() {
    std::set<std::string> out;
    const auto page = store_->list({.resource = "events", .ns = std::nullopt, .after = std::nullopt});
    for (const auto& item : page->items) out.emplace(text_in(parse_stored(*item), "reason"));
    return out;
  }
  /// What nobody could do by way of the API: straight into the store.
  void tamper(Write write) {
    bool done = false;
    store_->commit({std::move(write)}, [&](const auto& outcome) { done = outcome.has_value(); });
    run();
    ASSERT_TRUE(done);
  }

  ServiceUpkeep upkeep_{*registry_, pool_};
};

TEST_F(ServiceCidrTest, ANewOneIsReadyAndHasTheFinalizer) {
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  EXPECT_EQ(ready_of("more", "status"), "True");
  EXPECT_EQ(ready_of("more", "message"), "Kubernetes Service CIDR is ready");
  EXPECT_EQ(ready_of("kubernetes", "status"), "True");
  EXPECT_EQ(get("ServiceCIDR", "more", "")->at("metadata").at("finalizers"),
            json::parse(R"(["networking.k8s.io/service-cidr-finalizer"])"));
  ASSERT_TRUE(change("ServiceCIDR", "more", [](json::object& o) {
                o["metadata"].get_object().erase("finalizers");
              }).has_value());
  EXPECT_NE(kube::array_in(*get("ServiceCIDR", "more", ""), "metadata", "finalizers"), nullptr);
}

TEST_F(ServiceCidrTest, AFullPoolGrowsByANewOne) {
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(add_service("s" + std::to_string(i)).has_value()) << i;
  const auto full = add_service("late");
  ASSERT_FALSE(full.has_value());
  EXPECT_NE(full.error().message.find("range is full"), std::string::npos) << full.error().message;
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  ASSERT_TRUE(add_service("late").has_value());
  EXPECT_TRUE(text_in(*get("Service", "late"), "spec", "clusterIP").starts_with("10.97.0."));
}

TEST_F(ServiceCidrTest, ADryRunAddsNoAddresses) {
  ASSERT_TRUE(create("ServiceCIDR", R"({"metadata":{"name":"more"},"spec":{"cidrs":["10.97.0.0/24"]}})", "",
                     {.dry_run = true})
                  .has_value());
  EXPECT_FALSE(add_service("s", "10.97.0.5").has_value());
}

TEST_F(ServiceCidrTest, ADeletedOneWaitsForItsAddresses) {
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  ASSERT_TRUE(add_service("s", "10.97.0.5").has_value());
  const auto removed = remove("ServiceCIDR", "more");
  ASSERT_TRUE(removed.has_value());
  EXPECT_FALSE(removed->gone);
  EXPECT_FALSE(add_service("t", "10.97.0.6").has_value()) << "nothing is given out of it any more";
  now_ += 1h;
  tick();
  EXPECT_EQ(ready_of("more", "status"), "False");
  EXPECT_EQ(ready_of("more", "reason"), "Terminating");
  ASSERT_TRUE(remove("Service", "s").has_value());
  tick();
  EXPECT_FALSE(get("ServiceCIDR", "more", "").has_value());
}

TEST_F(ServiceCidrTest, WhatNobodyNeedsStaysForTheGraceAndGoes) {
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  ASSERT_TRUE(remove("ServiceCIDR", "more").has_value());
  now_ += 9s;
  tick();
  EXPECT_TRUE(get("ServiceCIDR", "more", "").has_value());
  now_ += 1s;
  tick();
  EXPECT_FALSE(get("ServiceCIDR", "more", "").has_value());
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  EXPECT_TRUE(add_service("s", "10.97.0.5").has_value());
}

TEST_F(ServiceCidrTest, OneThatOverlapsStandsIn) {
  ASSERT_TRUE(add_range("narrow", "10.97.0.0/28").has_value());
  ASSERT_TRUE(add_range("wide", "10.97.0.0/24").has_value());
  ASSERT_TRUE(add_service("s", "10.97.0.5").has_value());
  ASSERT_TRUE(remove("ServiceCIDR", "narrow").has_value());
  now_ += 10s;
  tick();
  EXPECT_FALSE(get("ServiceCIDR", "narrow", "").has_value());
  ASSERT_TRUE(remove("ServiceCIDR", "wide").has_value());
  now_ += 10s;
  tick();
  EXPECT_EQ(ready_of("wide", "status"), "False");
}

TEST_F(ServiceCidrTest, RangesDoNotChangeButForASecondFamily) {
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  const auto set = [&](std::string_view cidrs) {
    return change("ServiceCIDR", "more",
                  [cidrs](json::object& o) { o["spec"].get_object()["cidrs"] = json::parse(cidrs); });
  };
  EXPECT_EQ(set(R"(["10.98.0.0/24"])").error().code, 422);
  ASSERT_TRUE(set(R"(["10.97.0.0/24","fd00:97::/112"])").has_value());
  EXPECT_TRUE(pool_->ips.in_range(*IpAddr::parse("fd00:97::5")));
  EXPECT_EQ(set(R"(["10.97.0.0/24"])").error().code, 422);
}

TEST_F(ServiceCidrTest, RangesWithoutAUsableAddressAreRefused) {
  EXPECT_EQ(add_range("one", "10.97.0.1/32").error().code, 422);
  EXPECT_EQ(add_range("huge", "fd00::/32").error().code, 422);
  EXPECT_EQ(add_range("bits", "10.97.0.1/24").error().code, 422);
}

TEST_F(ServiceCidrTest, OtherFlagsThanBeforeAreToldAndChangeNothing) {
  wait(upkeep_.compare_with_flags({*Cidr::parse("10.96.0.0/28")}));
  EXPECT_TRUE(event_reasons().empty());
  wait(upkeep_.compare_with_flags({*Cidr::parse("10.200.0.0/16")}));
  EXPECT_EQ(event_reasons(), std::set<std::string>{"KubernetesDefaultServiceCIDRInconsistent"});
  EXPECT_EQ(get("ServiceCIDR", "kubernetes", "")->at("spec").at("cidrs"), json::parse(R"(["10.96.0.0/28"])"));
  wait(upkeep_.compare_with_flags({*Cidr::parse("10.96.0.0/28"), *Cidr::parse("fd00:96::/112")}));
  EXPECT_EQ(get("ServiceCIDR", "kubernetes", "")->at("spec").at("cidrs"),
            json::parse(R"(["10.96.0.0/28","fd00:96::/112"])"));
}

TEST_F(ServiceCidrTest, APoolThatIsLearntKnowsAsMuch) {
  ASSERT_TRUE(add_range("more", "10.97.0.0/24").has_value());
  ASSERT_TRUE(add_range("going", "10.98.0.0/24").has_value());
  ASSERT_TRUE(add_service("s", "10.97.0.5").has_value());
  ASSERT_TRUE(add_service("t", "10.98.0.5").has_value());
  ASSERT_TRUE(remove("ServiceCIDR", "going").has_value());
  ServicePool again(options_, world_.random);
  again.learn(*store_);
  EXPECT_TRUE(again.ips.in_use(*IpAddr::parse("10.97.0.5")));
  EXPECT_TRUE(again.ips.in_range(*IpAddr::parse("10.97.0.6")));
  EXPECT_FALSE(again.ips.in_range(*IpAddr::parse("10.98.0.6")));
  EXPECT_TRUE(again.ips.still_needed_by("going").has_value());
}

TEST_F(ServiceCidrTest, AnAddressMadeByHandIsKeptFromServices) {
  const std::string_view mine =
      R"({"metadata":{"name":"10.96.0.7"},"spec":{"parentRef":{"resource":"things","name":"x"}}})";
  ASSERT_TRUE(create("IPAddress", mine, "").has_value());
  EXPECT_FALSE(add_service("s", "10.96.0.7").has_value());
  ASSERT_TRUE(remove("IPAddress", "10.96.0.7").has_value());
  EXPECT_TRUE(add_service("s", "10.96.0.7").has_value());
}

TEST_F(ServiceCidrTest, AnAddressTakenFromAServiceIsMadeAnew) {
  ASSERT_TRUE(add_service("s", "10.96.0.7").has_value());
  tick();
  ASSERT_TRUE(remove("IPAddress", "10.96.0.7").has_value());
  EXPECT_FALSE(add_service("t", "10.96.0.7").has_value()) << "s still has it";
  tick();
  EXPECT_TRUE(address_exists("10.96.0.7"));
  EXPECT_TRUE(event_reasons().contains("ClusterIPNotAllocated"));
}

TEST_F(ServiceCidrTest, LeakedAddressesAreRemoved) {
  const auto leaked =
      create("IPAddress",
             R"({"metadata":{"name":"10.96.0.9","labels":{"ipaddress.kubernetes.io/ip-family":"IPv4",
          "ipaddress.kubernetes.io/managed-by":"ipallocator.k8s.io"}},
          "spec":{"parentRef":{"resource":"services","namespace":"default","name":"gone"}}})",
             "");
  ASSERT_TRUE(leaked.has_value()) << leaked.error().message;
  tick();
  EXPECT_TRUE(address_exists("10.96.0.9")) << "its Service may just be on its way";
  now_ += 4min;
  tick();
  EXPECT_FALSE(address_exists("10.96.0.9"));
  EXPECT_TRUE(add_service("s", "10.96.0.9").has_value());
}

TEST_F(ServiceCidrTest, PortsThatAServiceHasAreTakenAgainAndOthersGivenBack) {
  const auto made = create(
      "Service",
      R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":30005}]}})");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  pool_->ports.release(30005);
  pool_->ports.occupy(30006);
  tick();
  EXPECT_TRUE(pool_->ports.contains(30005));
  EXPECT_TRUE(pool_->ports.contains(30006)) << "a Service could be on its way";
  now_ += 4min;
  tick();
  EXPECT_FALSE(pool_->ports.contains(30006));
}

TEST_F(ServiceCidrTest, AServiceOutOfEveryRangeIsTold) {
  ASSERT_TRUE(add_service("s", "10.96.0.7").has_value());
  auto service = *get("Service", "s");
  const auto key = Key{"services", "default", "s"};
  service["spec"].get_object()["clusterIP"] = "192.0.2.1";
  service["spec"].get_object()["clusterIPs"] = json::array{"192.0.2.1"};
  tamper({.key = key, .seen = store_->get(key)->revision, .object = service});
  tick();
  EXPECT_TRUE(event_reasons().contains("ClusterIPOutOfRange"));
  // Said again, it is counted and not written anew.
  now_ += 4min;
  tick();
  const auto page = store_->list({.resource = "events", .ns = std::nullopt, .after = std::nullopt});
  for (const auto& item : page->items) {
    const auto event = parse_stored(*item);
    if (text_in(event, "reason") == "ClusterIPOutOfRange") EXPECT_EQ(event.at("count"), 2);
  }
}

}  // namespace
}  // namespace podwire::server
