#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kWorkload = R"({"metadata":{"name":"web","namespace":"default"},"spec":{
  "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"},"annotations":{}},
  "spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,"containers":[{"name":"a","image":"nginx"}]}}}})";

class Workload : public testing::TestWithParam<std::string_view> {
 protected:
  static std::string refused(std::initializer_list<Change> changes) {
    return on_create(GetParam(), kWorkload, changes);
  }
};

INSTANTIATE_TEST_SUITE_P(All, Workload,
                         testing::Values("deployments.apps", "replicasets.apps", "daemonsets.apps"));

TEST_P(Workload, Selects) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/spec/selector", ""}}), "spec.selector: Required value");
  EXPECT_EQ(refused({{"/spec/selector", "{}"}}),
            std::string("spec.selector: Invalid value: {}: empty selector is invalid for ") +
                (GetParam() == "daemonsets.apps" ? "daemonset" : "deployment"));
  EXPECT_EQ(
      refused({{"/spec/template/metadata/labels/app", R"("db")"}}),
      R"(spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`)");
  EXPECT_EQ(on_update(GetParam(), kWorkload,
                      {{"/spec/selector/matchLabels", R"({"app":"db"})"},
                       {"/spec/template/metadata/labels/app", R"("db")"}}),
            R"(spec.selector: Invalid value: {"matchLabels":{"app":"db"}}: field is immutable)");
  EXPECT_EQ(on_update(GetParam(), kWorkload, {{"/spec/template/spec/containers/0/image", R"("nginx:2")"}}),
            "accepted");
}

TEST_P(Workload, ChecksItsTemplateAsAPod) {
  EXPECT_EQ(refused({{"/spec/template/spec/containers/0/name", R"("A B")"}}).substr(0, 62),
            R"(spec.template.spec.containers[0].name: Invalid value: "A B": a)");
  EXPECT_EQ(refused({{"/spec/template/spec/restartPolicy", R"("Never")"}}),
            R"(spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always")");
  EXPECT_EQ(refused({{"/spec/template/metadata/labels/x", R"("a b")"}}).substr(0, 44),
            R"(spec.template.labels: Invalid value: "a b": )");
  EXPECT_EQ(refused({{"/spec/minReadySeconds", "-1"}}),
            "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0");
}

TEST(Deployment, Defaults) {
  auto object = parse_object(R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"b",
      "resources":{"limits":{"cpu":"0.5"}}}]}}}})");
  rules_of("deployments.apps").default_object(object);
  const auto& spec = object["spec"].get_object();
  EXPECT_EQ(spec.at("replicas"), 1);
  EXPECT_EQ(json::serialize(spec.at("strategy")),
            R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}})");
  EXPECT_EQ(json::serialize(spec.at("template").at("spec").at("containers").at(0)),
            R"({"name":"a","image":"b","resources":{"limits":{"cpu":"500m"}},"imagePullPolicy":"Always"})");
  object = parse_object(R"({"spec":{"replicas":0,"strategy":{"type":"Recreate"}}})");
  rules_of("deployments.apps").default_object(object);
  EXPECT_EQ(object["spec"].at("replicas"), 0);
  EXPECT_EQ(json::serialize(object["spec"].at("strategy")), R"({"type":"Recreate"})");
}

TEST(Deployment, Strategy) {
  const auto refused = [](std::initializer_list<Change> changes) {
    return on_create("deployments.apps", kWorkload, changes);
  };
  EXPECT_EQ(
      refused({{"/spec/strategy", R"({"type":"Jump"})"}}),
      R"(spec.strategy.type: Unsupported value: "Jump": supported values: "Recreate", "RollingUpdate")");
  EXPECT_EQ(refused({{"/spec/strategy", R"({"type":"Recreate"})"}}), "accepted");
  EXPECT_EQ(
      refused({{"/spec/strategy", R"({"type":"Recreate","rollingUpdate":{"maxSurge":1}})"}}),
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'");
  EXPECT_EQ(
      refused({{"/spec/strategy", R"({"rollingUpdate":{"maxSurge":0,"maxUnavailable":"0%"}})"}}),
      R"(spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0)");
  EXPECT_EQ(
      refused({{"/spec/strategy", R"({"rollingUpdate":{"maxUnavailable":"101%"}})"}}),
      R"(spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%)");
  EXPECT_EQ(
      refused({{"/spec/strategy", R"({"rollingUpdate":{"maxSurge":"many"}})"}}),
      R"(spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%'))");
  EXPECT_EQ(refused({{"/spec/progressDeadlineSeconds", "10"}, {"/spec/minReadySeconds", "10"}}),
            "spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds");
  EXPECT_EQ(refused({{"/spec/replicas", "-1"}}),
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0");
}

TEST(Deployment, StatusAddsUp) {
  EXPECT_EQ(
      on_status("deployments.apps", kWorkload, {{"/status/replicas", "2"}, {"/status/readyReplicas", "2"}}),
      "accepted");
  EXPECT_EQ(
      on_status("deployments.apps", kWorkload, {{"/status/replicas", "1"}, {"/status/readyReplicas", "2"}}),
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas");
}

TEST(DaemonSet, StatusCounts) {
  EXPECT_EQ(on_status("daemonsets.apps", kWorkload, {{"/status/numberReady", "1"}}), "accepted");
  EXPECT_EQ(on_status("daemonsets.apps", kWorkload, {{"/status/numberReady", "-1"}}),
            "status.numberReady: Invalid value: -1: must be greater than or equal to 0");
}

TEST(DaemonSet, UpdateStrategy) {
  const auto refused = [](std::string_view strategy) {
    return on_create("daemonsets.apps", kWorkload, {{"/spec/updateStrategy", strategy}});
  };
  EXPECT_EQ(refused(R"({"type":"OnDelete"})"), "accepted");
  EXPECT_EQ(
      refused(R"({"type":"Never"})"),
      R"(spec.updateStrategy.type: Unsupported value: "Never": supported values: "OnDelete", "RollingUpdate")");
  EXPECT_EQ(refused(R"({"rollingUpdate":{"maxUnavailable":1,"maxSurge":1}})"),
            "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when "
            "maxUnavailable is non-zero");
  EXPECT_EQ(
      refused(R"({"rollingUpdate":{"maxUnavailable":0,"maxSurge":0}})"),
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0");
}

}  // namespace
}  // namespace podwire::kube
