#include <fmt/format.h>

#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

TEST(Namespace, StartsActiveWithItsNameAsALabel) {
  auto object = parse_object(R"({"metadata":{"name":"shop"}})");
  const auto& rules = rules_of("namespaces");
  rules.default_object(object);
  rules.prepare_create(object);
  EXPECT_EQ(json::serialize(object),
            R"({"metadata":{"name":"shop","labels":{"kubernetes.io/metadata.name":"shop"}},)"
            R"("status":{"phase":"Active"},"spec":{"finalizers":["kubernetes"]}})");
  EXPECT_TRUE(rules.validate_create(object));
  const auto before = object;
  rules.default_object(object);
  rules.prepare_create(object);
  EXPECT_EQ(object, before);
}

TEST(Namespace, IsALabel) {
  EXPECT_EQ(on_create("namespaces", R"({"metadata":{"name":"a.b"}})", {}),
            R"(metadata.name: Invalid value: "a.b": must not contain dots)");
  EXPECT_EQ(
      on_create("namespaces", R"({"metadata":{"name":"a"},"spec":{"finalizers":["mine"]}})", {}),
      R"(spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified)");
}

TEST(Namespace, PhaseFollowsItsDeletion) {
  constexpr std::string_view kGood = R"({"metadata":{"name":"a"}})";
  EXPECT_EQ(on_status("namespaces", kGood, {}), "accepted");
  EXPECT_EQ(
      on_status("namespaces", kGood, {{"/status/phase", R"("Terminating")"}}),
      R"(status.Phase: Invalid value: "Terminating": may only be 'Active' if `deletionTimestamp` is empty)");
  constexpr std::string_view kDying =
      R"({"metadata":{"name":"a","deletionTimestamp":"2026-01-01T00:00:00Z"}})";
  EXPECT_EQ(on_status("namespaces", kDying, {{"/status/phase", R"("Terminating")"}}), "accepted");
  EXPECT_EQ(
      on_status("namespaces", kDying, {}),
      R"(status.Phase: Invalid value: "Active": may only be 'Terminating' if `deletionTimestamp` is not empty)");
}

constexpr std::string_view kNode =
    R"({"metadata":{"name":"n1"},"spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24","fd00:1::/64"],"providerID":"x://1"},"status":{"capacity":{"cpu":"2","memory":"1Gi"}}})";

TEST(Node, Defaults) {
  auto object = parse_object(R"({"spec":{"podCIDR":"10.0.1.0/24"},"status":{"capacity":{"cpu":"0.5"}}})");
  rules_of("nodes").default_object(object);
  EXPECT_EQ(json::serialize(object), R"({"spec":{"podCIDR":"10.0.1.0/24","podCIDRs":["10.0.1.0/24"]},)"
                                     R"("status":{"capacity":{"cpu":"500m"},"allocatable":{"cpu":"500m"}}})");
  object = parse_object(R"({"spec":{"podCIDRs":["10.0.1.0/24","fd00::/64"]}})");
  rules_of("nodes").default_object(object);
  EXPECT_EQ(object.at("spec").at("podCIDR"), "10.0.1.0/24");
}

TEST(Node, PodCidrs) {
  const auto refused = [](std::string_view cidrs) {
    return on_create("nodes", kNode, {{"/spec/podCIDR", ""}, {"/spec/podCIDRs", cidrs}});
  };
  EXPECT_EQ(refused(R"(["10.0.0.0/24"])"), "accepted");
  EXPECT_EQ(refused(R"(["fd00::/64","10.0.0.0/24"])"), "accepted");
  EXPECT_EQ(
      refused(R"(["10.0.0.0"])"),
      R"(spec.podCIDRs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64))");
  EXPECT_EQ(
      refused(R"(["10.0.0.0/24","10.0.1.0/24"])"),
      R"(spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family)");
  EXPECT_EQ(
      refused(R"(["10.0.0.0/24","10.0.0.0/24"])"),
      R"([spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each )"
      R"(IP family, spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"])");
}

TEST(Node, PodCidrsAreSetOnce) {
  EXPECT_EQ(
      on_update("nodes", R"({"metadata":{"name":"n"},"spec":{}})", {{"/spec/podCIDR", R"("10.0.0.0/24")"}}),
      "accepted");
  EXPECT_EQ(on_update("nodes", kNode, {{"/spec/unschedulable", "true"}}), "accepted");
  EXPECT_EQ(on_update("nodes", kNode, {{"/spec/podCIDR", R"("10.0.0.0/24")"}}),
            R"(spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid)");
  EXPECT_EQ(on_update("nodes", kNode, {{"/spec/providerID", R"("x://2")"}}),
            R"(spec.providerID: Forbidden: node updates may not change providerID except from "" to valid)");
}

TEST(Node, Taints) {
  const auto refused = [](std::string_view taints) {
    return on_create("nodes", kNode, {{"/spec/taints", taints}});
  };
  EXPECT_EQ(refused(R"([{"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoExecute"}])"), "accepted");
  EXPECT_EQ(
      refused(R"([{"key":"a","effect":"Never"}])"),
      R"(metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute")");
  EXPECT_EQ(
      refused(R"([{"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoSchedule"}])"),
      R"(metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair)");
}

TEST(Node, Amounts) {
  EXPECT_EQ(on_create("nodes", kNode, {{"/status/capacity/memory", R"("-1Gi")"}}),
            R"([status.capacity[memory]: Invalid value: "-1Gi": must be greater than or equal to 0, )"
            R"(status.allocatable[memory]: Invalid value: "-1Gi": must be greater than or equal to 0])");
}

TEST(Node, StatusHasEachAddressOnce) {
  constexpr std::string_view kStored = R"({"metadata":{"name":"n"},"status":{}})";
  EXPECT_EQ(on_status("nodes", kStored, {{"/status/capacity", R"({"cpu":"1000m"})"}}), "accepted");
  EXPECT_EQ(
      on_status(
          "nodes", kStored,
          {{"/status/addresses",
            R"([{"type":"InternalIP","address":"10.0.0.1"},{"type":"InternalIP","address":"10.0.0.1"}])"}}),
      R"(status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"})");
}

constexpr std::string_view kConfigMap =
    R"({"metadata":{"name":"a","namespace":"b"},"data":{"k":"v"},"binaryData":{"b":"AA=="}})";

TEST(ConfigMap, Keys) {
  EXPECT_EQ(on_create("configmaps", kConfigMap, {}), "accepted");
  EXPECT_EQ(on_create("configmaps", kConfigMap, {{"/data/..", R"("x")"}}),
            R"(data[..]: Invalid value: "..": must not be '..')");
  EXPECT_EQ(on_create("configmaps", kConfigMap, {{"/data/b", R"("x")"}}),
            R"(data[b]: Invalid value: "b": duplicate of key present in binaryData)");
}

TEST(ConfigMap, HasALimitOfSize) {
  const auto text = [](std::size_t n) { return "\"" + std::string(n, 'x') + "\""; };
  EXPECT_EQ(on_create("configmaps", kConfigMap, {{"/data/k", text(1048575)}}), "accepted");
  EXPECT_EQ(on_create("configmaps", kConfigMap, {{"/data/k", text(1048576)}}),
            ": Too long: may not be more than 1048576 bytes");
}

TEST(ConfigMap, CanBeFrozen) {
  constexpr std::string_view kFrozen =
      R"({"metadata":{"name":"a","namespace":"b"},"data":{"k":"v"},"immutable":true})";
  EXPECT_EQ(on_update("configmaps", kFrozen, {{"/metadata/labels", R"({"a":"b"})"}}), "accepted");
  EXPECT_EQ(on_update("configmaps", kFrozen, {{"/data/k", R"("w")"}}),
            "data: Forbidden: field is immutable when `immutable` is set");
  EXPECT_EQ(on_update("configmaps", kFrozen, {{"/immutable", "false"}}),
            "immutable: Forbidden: field is immutable when `immutable` is set");
}

constexpr std::string_view kSecret =
    R"({"metadata":{"name":"a","namespace":"b","annotations":{}},"data":{}})";

TEST(Secret, PlainTextBecomesData) {
  auto object = parse_object(R"({"data":{"a":"eA==","b":"eQ=="},"stringData":{"a":"new","c":""}})");
  rules_of("secrets").default_object(object);
  EXPECT_EQ(json::serialize(object), R"({"data":{"a":"bmV3","b":"eQ==","c":""},"type":"Opaque"})");
}

TEST(Secret, TypesAskForKeys) {
  const auto refused = [](std::string_view type, std::initializer_list<Change> more = {}) {
    auto object = changed(kSecret, more);
    object["type"] = type;
    return on_create("secrets", std::move(object));
  };
  EXPECT_EQ(refused("Opaque"), "accepted");
  EXPECT_EQ(refused("example.com/any"), "accepted");
  EXPECT_EQ(refused("kubernetes.io/tls"), "[data[tls.crt]: Required value, data[tls.key]: Required value]");
  EXPECT_EQ(refused("kubernetes.io/tls", {{"/data/tls.crt", R"("")"}, {"/data/tls.key", R"("")"}}),
            "accepted");
  EXPECT_EQ(refused("kubernetes.io/ssh-auth"), "data[ssh-privatekey]: Required value");
  EXPECT_EQ(refused("kubernetes.io/basic-auth"),
            "[data[username]: Required value, data[password]: Required value]");
  EXPECT_EQ(refused("kubernetes.io/basic-auth", {{"/data/username", R"("eA==")"}}), "accepted");
  EXPECT_EQ(refused("kubernetes.io/dockerconfigjson"), "data[.dockerconfigjson]: Required value");
  EXPECT_EQ(refused("kubernetes.io/dockerconfigjson", {{"/data/.dockerconfigjson", R"("e30=")"}}),
            "accepted");
  EXPECT_TRUE(refused("kubernetes.io/dockercfg", {{"/data/.dockercfg", R"("eA==")"}})
                  .starts_with(R"(data[.dockercfg]: Invalid value: "<secret contents redacted>": )"));
  EXPECT_EQ(refused("kubernetes.io/service-account-token"),
            "metadata.annotations[kubernetes.io/service-account.name]: Required value");
}

TEST(Secret, KeepsItsType) {
  EXPECT_EQ(on_update("secrets", kSecret, {{"/data/a", R"("eA==")"}}), "accepted");
  EXPECT_EQ(on_update("secrets", kSecret, {{"/type", R"("x/y")"}}),
            R"(type: Invalid value: "x/y": field is immutable)");
}

constexpr std::string_view kLease =
    R"({"metadata":{"name":"n1","namespace":"kube-node-lease"},"spec":{"holderIdentity":"n1","leaseDurationSeconds":40,"leaseTransitions":0}})";

TEST(Lease, HasPositiveNumbers) {
  const auto refused = [](Change change) {
    return on_create("leases.coordination.k8s.io", kLease, {change});
  };
  EXPECT_EQ(on_create("leases.coordination.k8s.io", kLease, {}), "accepted");
  EXPECT_EQ(refused({"/spec/leaseDurationSeconds", "0"}),
            "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0");
  EXPECT_EQ(refused({"/spec/leaseTransitions", "-1"}),
            "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0");
  EXPECT_EQ(refused({"/spec/preferredHolder", R"("a")"}),
            "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined");
}

constexpr std::string_view kOldEvent =
    R"({"metadata":{"name":"a.1","namespace":"shop"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"a"},"reason":"Started","message":"m","type":"Normal"})";
constexpr std::string_view kNewEvent =
    R"({"metadata":{"name":"a.1","namespace":"shop"},"regarding":{"kind":"Pod","namespace":"shop","name":"a"},"reason":"Started","note":"m","type":"Normal","eventTime":"2026-01-01T00:00:00.000000Z","action":"Start","reportingController":"podwire.io/agent","reportingInstance":"n1"})";

TEST(Event, IsWhereItsObjectIs) {
  EXPECT_EQ(on_create("events", kOldEvent, {}), "accepted");
  EXPECT_EQ(on_create("events", kOldEvent, {{"/involvedObject/namespace", R"("other")"}}),
            R"(involvedObject.namespace: Invalid value: "other": does not match event.namespace)");
  EXPECT_EQ(on_create("events", kOldEvent, {{"/involvedObject/namespace", ""}}),
            R"(involvedObject.namespace: Invalid value: "": does not match event.namespace)");
}

TEST(Event, OfTheNewerGroupSaysMore) {
  const auto refused = [](std::initializer_list<Change> changes) {
    return on_create("events.events.k8s.io", kNewEvent, changes);
  };
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/reportingController", ""}}).substr(0, 42),
            "[reportingController: Required value, repo");
  EXPECT_EQ(refused({{"/action", ""}}), "action: Required value");
  EXPECT_EQ(refused({{"/type", R"("Odd")"}}), R"(type: Invalid value: "": has invalid value: Odd)");
  EXPECT_EQ(refused({{"/note", "\"" + std::string(1025, 'x') + "\""}}),
            R"(message: Invalid value: "": can have at most 1024 characters)");
  EXPECT_EQ(refused({{"/deprecatedCount", "1"}}), R"(count: Invalid value: "": needs to be unset)");
  EXPECT_EQ(refused({{"/series", R"({"count":1,"lastObservedTime":"2026-01-01T00:00:00.000000Z"})"}}),
            R"(series.count: Invalid value: "": should be at least 2)");
  EXPECT_EQ(on_update("events.events.k8s.io", kNewEvent, {{"/reason", R"("Other")"}}),
            R"(reason: Invalid value: "Other": field is immutable)");
}

}  // namespace
}  // namespace podwire::kube
