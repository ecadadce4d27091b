#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "kube/types/daemon_set.h"
#include "kube/types/deployment.h"
#include "kube/types/endpoints.h"
#include "kube/types/lease.h"
#include "kube/types/namespace.h"
#include "kube/types/node.h"
#include "kube/types/pod.h"
#include "kube/types/replica_set.h"
#include "kube/types/service.h"

namespace podwire::kube {
namespace {

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "" : result.error().message();
}

TEST(Times, KeepMicrosecondsAndKnowZones) {
  const auto at = time_from("2026-11-23T10:20:30.123456+01:00");
  ASSERT_TRUE(at);
  EXPECT_EQ(micro_time_text(*at), "2026-11-23T09:20:30.123456Z");
  EXPECT_EQ(time_text(*at), "2026-11-23T09:20:30Z");
  EXPECT_EQ(time_from(time_text(*at)).value(), std::chrono::floor<std::chrono::seconds>(*at));
}

TEST(Times, RefuseWhatIsNoTime) {
  for (const auto* text :
       {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T10:20:30",
        "2026-11-23T24:20:30Z", "2026-11-23T10:20:30Zx", "+026-11-23T10:20:30Z"})
    EXPECT_FALSE(time_from(text)) << text;
}

TEST(Reading, SaysWhereItWentWrong) {
  EXPECT_EQ(error_of(service_from(json::parse(R"({"spec":{"ports":[{"port":"x"}]}})"))),
            "spec.ports[0].port: not a number");
  EXPECT_EQ(error_of(pod_from(json::parse(R"({"metadata":{"labels":{"a":1}}})"))),
            "metadata.labels.a: not a text");
  EXPECT_EQ(error_of(pod_from(json::parse(R"({"spec":[]})"))), "spec: not an object");
  EXPECT_EQ(error_of(pod_from(json::parse(R"({"status":{"podIPs":[{"ip":"10.0.0.1"},{"ip":"10.0.0"}]}})"))),
            "status.podIPs[1].ip: not an IP address");
  EXPECT_EQ(error_of(node_from(json::parse(R"({"spec":{"podCIDRs":["10.0.0.0/33"]}})"))),
            "spec.podCIDRs[0]: not a CIDR");
}

TEST(Reading, TakesNullAsAbsent) {
  const auto pod =
      pod_from(json::parse(R"({"metadata":{"creationTimestamp":null,"labels":null},"status":null})"));
  ASSERT_TRUE(pod);
  EXPECT_EQ(*pod, Pod());
}

TEST(Pods, HaveAddressesOfBothFamilies) {
  const auto pod = pod_from(
      json::parse(R"({"status":{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"2001:db8::1"}]}})"));
  ASSERT_TRUE(pod);
  ASSERT_EQ(pod->status.pod_ips.size(), 2U);
  EXPECT_EQ(pod->status.pod_ips[1].str(), "2001:db8::1");
  const auto old = pod_from(json::parse(R"({"status":{"podIP":"10.0.0.1"}})"));
  ASSERT_TRUE(old);
  EXPECT_EQ(old->status.pod_ips.size(), 1U);
}

TEST(Pods, AreAvailableAfterSomeSecondsOfReadiness) {
  const auto pod = pod_from(json::parse(
      R"({"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}})"));
  ASSERT_TRUE(pod);
  const auto start = time_from("2026-01-01T00:00:00Z").value();
  EXPECT_TRUE(is_available(*pod, 0, start));
  EXPECT_FALSE(is_available(*pod, 10, start + std::chrono::seconds(9)));
  EXPECT_TRUE(is_available(*pod, 10, start + std::chrono::seconds(10)));
}

TEST(Pods, NeedTheLargestStepOfTheirStart) {
  const auto pod = pod_from(json::parse(R"({"spec":{
    "containers":[{"resources":{"requests":{"cpu":"100m"}}},{"resources":{"requests":{"cpu":"200m","memory":"1Mi"}}}],
    "initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"50m"}}},
                      {"resources":{"requests":{"cpu":"400m"}}}]}})"));
  ASSERT_TRUE(pod);
  const auto needs = requests_of(pod->spec);
  ASSERT_EQ(needs.size(), 2U);
  EXPECT_EQ(needs[0].second.str(), "450m");
  EXPECT_EQ(needs[1].second.str(), "1Mi");
}

TEST(Taints, AreToleratedByKeyValueAndEffect) {
  const Taint taint{"k", "v", "NoSchedule", {}};
  EXPECT_TRUE(
      tolerates({.key = "k", .op = "Equal", .value = "v", .effect = "NoSchedule", .seconds = {}}, taint));
  EXPECT_TRUE(tolerates({.key = "k", .op = "", .value = "v", .effect = "", .seconds = {}}, taint));
  EXPECT_FALSE(tolerates({.key = "k", .op = "Equal", .value = "w", .effect = "", .seconds = {}}, taint));
  EXPECT_FALSE(
      tolerates({.key = "k", .op = "Exists", .value = "", .effect = "NoExecute", .seconds = {}}, taint));
  EXPECT_TRUE(tolerates({.key = "", .op = "Exists", .value = "", .effect = "", .seconds = {}}, taint));
}

TEST(NodeAffinity, ComparesLabelsAndNames) {
  const TextMap labels{{"cores", "8"}, {"disk", "ssd"}};
  const auto one = [&](NodeRequirement r) {
    return matches({{.expressions = {std::move(r)}, .fields = {}}}, "n1", labels);
  };
  EXPECT_TRUE(one({"disk", "In", {"hdd", "ssd"}}));
  EXPECT_TRUE(one({"gpu", "NotIn", {"yes"}}));
  EXPECT_TRUE(one({"cores", "Gt", {"4"}}));
  EXPECT_FALSE(one({"cores", "Lt", {"8"}}));
  EXPECT_FALSE(one({"disk", "DoesNotExist", {}}));
  EXPECT_TRUE(matches({{.expressions = {}, .fields = {{"metadata.name", "In", {"n1"}}}}}, "n1", labels));
  EXPECT_FALSE(matches({{}}, "n1", labels));
}

TEST(IntOrStrings, RoundSharesBothWays) {
  const IntOrString share{0, "25%"};
  EXPECT_EQ(share.of(10, true), 3);
  EXPECT_EQ(share.of(10, false), 2);
  EXPECT_EQ((IntOrString{4, ""}.of(10, true)), 4);
  EXPECT_EQ((IntOrString{0, "http"}.of(10, true)), 0);
}

TEST(Services, AreHeadlessByNone) {
  const auto service = service_from(json::parse(R"({"spec":{"clusterIP":"None","clusterIPs":["None"],
      "ipFamilies":["IPv6","IPv4"],"sessionAffinity":"ClientIP","ports":[{"port":80,"targetPort":"http"}]}})"));
  ASSERT_TRUE(service);
  EXPECT_TRUE(service->headless);
  EXPECT_TRUE(service->cluster_ips.empty());
  EXPECT_EQ(service->families, (std::vector{Family::v6, Family::v4}));
  EXPECT_EQ(service->affinity_seconds, 10800);
  EXPECT_EQ(service->ports.at(0).target_port.text, "http");
}

TEST(Slices, SurviveTheRoundTrip) {
  EndpointSlice slice;
  slice.meta.name = "web-1";
  slice.address_type = "IPv4";
  slice.endpoints.push_back({.addresses = {"10.0.0.1"},
                             .ready = false,
                             .serving = true,
                             .terminating = true,
                             .hostname = "h",
                             .node_name = "n1",
                             .zone = "z",
                             .target = TargetRef{"Pod", "ns", "p", "u"}});
  slice.ports.push_back({.name = "http", .protocol = "TCP", .app_protocol = "", .port = 80});
  const auto back = endpoint_slice_from(to_json(slice));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, slice);
}

TEST(Workloads, HaveDefaultsWhereTheApiHasThem) {
  const auto d = deployment_from(json::parse(R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":2}}}})"));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->replicas, 1);
  EXPECT_EQ(d->max_surge, (IntOrString{2, ""}));
  EXPECT_EQ(d->max_unavailable, (IntOrString{0, "25%"}));
}

TEST(Leases, HaveMicroseconds) {
  const auto lease = lease_from(json::parse(R"({"spec":{"renewTime":"2026-01-01T00:00:00.000001Z"}})"));
  ASSERT_TRUE(lease);
  EXPECT_EQ(micro_time_text(lease->renewed.value()), "2026-01-01T00:00:00.000001Z");
}

}  // namespace
}  // namespace podwire::kube
