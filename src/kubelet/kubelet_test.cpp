#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "kubelet/container_start.h"
#include "kubelet/environment.h"
#include "kubelet/etc_files.h"
#include "kubelet/images.h"
#include "kubelet/pod_status.h"
#include "kubelet/probe.h"

namespace podwire::kubelet {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = ContainerSeen::State;

const Time kNow = *kube::time_from("2026-11-23T10:00:00Z");

Pod pod_of(std::string_view spec, std::string_view status = "{}") {
  const auto object = json::parse(
      R"({"metadata":{"name":"web","namespace":"default","uid":"u1","labels":{"app":"web"}},"spec":)" +
      std::string(spec) + R"(,"status":)" + std::string(status) + "}");
  auto pod = kube::typed_from<Pod>(object);
  EXPECT_TRUE(pod) << (pod ? "" : pod.error().message());
  return std::move(*pod);
}

Pod simple() { return pod_of(R"J({"containers":[{"name":"c","image":"busybox"}]})J"); }

ContainerSeen run(std::string name, State state, int exit_code = 0, int attempt = 0) {
  ContainerSeen out{.name = std::move(name), .id = "id" + std::to_string(attempt), .attempt = attempt};
  out.back_off = attempt;
  out.state = state;
  out.started = kNow - 60s;
  out.finished = kNow;
  out.exit_code = exit_code;
  return out;
}

PodSeen attached() { return {.has_sandbox = true, .attached = true, .addresses = {"10.244.0.2"}}; }

std::vector<Action> actions(const Pod& pod, const PodSeen& seen, Time now = kNow) {
  return plan_pod(pod, seen, now).actions;
}

TEST(PodPlan, FirstTheNetworkThenTheContainers) {
  EXPECT_THAT(actions(simple(), {}), ElementsAre(Action(MakeSandbox{})));
  EXPECT_THAT(actions(simple(), attached()), ElementsAre(Action(StartContainer{"c", 0, 0})));
}

TEST(PodPlan, HalfANetworkIsTakenAwayBeforeAnotherIsMade) {
  PodSeen seen{.has_sandbox = true};
  EXPECT_THAT(actions(simple(), seen), ElementsAre(Action(kubelet::TearDown{})));
}

TEST(PodPlan, ASandboxThatFailedWaits) {
  PodSeen seen;
  seen.sandbox_trouble = Waiting{"x", "y", 1, kNow + 3s};
  EXPECT_TRUE(actions(simple(), seen).empty());
  EXPECT_EQ(plan_pod(simple(), seen, kNow).look_again, kNow + 3s);
  EXPECT_THAT(actions(simple(), seen, kNow + 3s), ElementsAre(Action(MakeSandbox{})));
}

TEST(PodPlan, InitContainersRunInOrderAndOneByOne) {
  const auto pod =
      pod_of(R"J({"initContainers":[{"name":"i1"},{"name":"i2"}],"containers":[{"name":"c"}]})J");
  auto seen = attached();
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(StartContainer{"i1", 0, 0})));
  seen.runs = {run("i1", State::running)};
  EXPECT_TRUE(actions(pod, seen).empty());
  seen.runs = {run("i1", State::exited)};
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(StartContainer{"i2", 0, 0})));
  seen.runs = {run("i1", State::exited), run("i2", State::exited)};
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(StartContainer{"c", 0, 0})));
}

TEST(PodPlan, ASidecarRunsBesideTheOthers) {
  const auto pod =
      pod_of(R"J({"initContainers":[{"name":"s","restartPolicy":"Always"}],"containers":[{"name":"c"}]})J");
  auto seen = attached();
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(StartContainer{"s", 0, 0})));
  seen.runs = {run("s", State::running)};
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(StartContainer{"c", 0, 0})));
}

TEST(PodPlan, RestartsAtOnceThenLaterAndLater) {
  auto seen = attached();
  seen.runs = {run("c", State::exited, 1, 0)};
  EXPECT_THAT(actions(simple(), seen), ElementsAre(Action(StartContainer{"c", 1, 1})));
  seen.runs = {run("c", State::exited, 1, 1)};
  EXPECT_TRUE(actions(simple(), seen).empty());
  EXPECT_EQ(plan_pod(simple(), seen, kNow).look_again, kNow + 10s);
  EXPECT_THAT(actions(simple(), seen, kNow + 10s), ElementsAre(Action(StartContainer{"c", 2, 2})));
  EXPECT_EQ(back_off_of(3), 20s);
  EXPECT_EQ(back_off_of(100), 300s);
}

TEST(PodPlan, WhoHasRunForLongBeginsAnew) {
  auto ended = run("c", State::exited, 1, 7);
  ended.started = kNow - 10min;
  EXPECT_EQ(next_back_off(ended), 1);
}

TEST(PodPlan, RestartPolicies) {
  const auto never = pod_of(R"J({"restartPolicy":"Never","containers":[{"name":"c"}]})J");
  const auto on_failure = pod_of(R"J({"restartPolicy":"OnFailure","containers":[{"name":"c"}]})J");
  auto seen = attached();
  seen.runs = {run("c", State::exited, 1)};
  EXPECT_EQ(phase_of(never, seen), "Failed");
  EXPECT_THAT(actions(never, seen), ElementsAre(Action(kubelet::TearDown{})));
  EXPECT_THAT(actions(on_failure, seen), ElementsAre(Action(StartContainer{"c", 1, 1})));
  seen.runs = {run("c", State::exited, 0)};
  EXPECT_EQ(phase_of(on_failure, seen), "Succeeded");
}

TEST(PodPlan, DeletionAsksThenKillsThenTakesTheNetworkThenForgets) {
  auto pod = simple();
  pod.meta.deleted = kNow;
  pod.deletion_grace = 5;
  auto seen = attached();
  seen.runs = {run("c", State::running)};
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(EndContainer{"c", "id0", "Stopping container", false})));
  seen.asked_to_end["id0"] = kNow;
  EXPECT_TRUE(actions(pod, seen, kNow + 4s).empty());
  EXPECT_THAT(actions(pod, seen, kNow + 5s),
              ElementsAre(Action(EndContainer{"c", "id0", "Stopping container", true})));
  seen.runs = {run("c", State::exited, 137)};
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(kubelet::TearDown{})));
  seen.has_sandbox = seen.attached = false;
  EXPECT_THAT(actions(pod, seen), ElementsAre(Action(Forget{})));
}

json::object status(const Pod& pod, const PodSeen& seen) {
  return status_of(pod, seen, {"10.89.0.11"}, kNow);
}

std::string_view condition(const json::object& status, std::string_view type) {
  for (const auto& c : status.at("conditions").as_array())
    if (kube::text_in(c.as_object(), "type") == type) return kube::text_in(c.as_object(), "status");
  return "absent";
}

TEST(PodStatus, ARunningPod) {
  auto seen = attached();
  seen.runs = {run("c", State::running)};
  const auto s = status(simple(), seen);
  EXPECT_EQ(kube::text_in(s, "phase"), "Running");
  EXPECT_EQ(kube::text_in(s, "podIP"), "10.244.0.2");
  EXPECT_EQ(kube::text_in(s, "hostIP"), "10.89.0.11");
  EXPECT_EQ(kube::text_in(s, "qosClass"), "BestEffort");
  for (const auto* type : {"PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"})
    EXPECT_EQ(condition(s, type), "True") << type;
  const auto& c = s.at("containerStatuses").as_array().at(0).as_object();
  EXPECT_EQ(kube::text_in(c, "containerID"), "podwire://id0");
  EXPECT_EQ(c.at("started"), true);
}

TEST(PodStatus, ACrashLoopSaysHowLongItWaits) {
  auto seen = attached();
  seen.runs = {run("c", State::exited, 3, 1)};
  const auto s = status(simple(), seen);
  const auto& c = s.at("containerStatuses").as_array().at(0).as_object();
  EXPECT_EQ(kube::text_in(c, "state", "waiting", "reason"), "CrashLoopBackOff");
  EXPECT_EQ(kube::text_in(c, "state", "waiting", "message"),
            "back-off 10s restarting failed container=c pod=web_default(u1)");
  EXPECT_EQ(kube::in(c, "lastState", "terminated", "exitCode")->as_int64(), 3);
  EXPECT_EQ(condition(s, "Ready"), "False");
}

TEST(PodStatus, AConditionThatHasNotChangedKeepsItsTime) {
  const auto pod =
      pod_of(R"J({"containers":[{"name":"c"}]})J",
             R"J({"conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-01-01T00:00:00Z"},
                              {"type":"PodScheduled","status":"True"}]})J");
  const auto s = status(pod, {});
  EXPECT_EQ(condition(s, "PodScheduled"), "True");
  for (const auto& one : s.at("conditions").as_array()) {
    if (kube::text_in(one.as_object(), "type") == "Ready") {
      EXPECT_EQ(kube::text_in(one.as_object(), "lastTransitionTime"), "2026-01-01T00:00:00Z");
    }
  }
}

TEST(Environment, LaterNamesMayUseEarlierOnes) {
  const auto pod = pod_of(R"J({"containers":[{"name":"c","env":[
      {"name":"A","value":"1"},{"name":"B","value":"$(A)2 $$(A) $(NONE)"},
      {"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}}]
}]
})J");
  const auto env = environment_of(pod, pod.spec.containers[0], {});
  ASSERT_TRUE(env);
  EXPECT_THAT(*env,
              ElementsAre(std::pair("A", "1"), std::pair("B", "12 $(A) $(NONE)"), std::pair("N", "web")));
}

TEST(Environment, WhatIsMissingIsNamedAsAKubeletDoes) {
  const auto pod = pod_of(R"J({"containers":[{"name":"c","env":[
      {"name":"A","valueFrom":{"configMapKeyRef":{"name":"m","key":"k"}}}]}]})J");
  EXPECT_EQ(environment_of(pod, pod.spec.containers[0], {}).error().message(), "configmap \"m\" not found");
  Sources sources;
  sources.objects[{"configmaps", "m"}] = {};
  EXPECT_EQ(environment_of(pod, pod.spec.containers[0], sources).error().message(),
            "couldn't find key k in ConfigMap default/m");
}

TEST(ResolvConf, PutsTheClusterFirst) {
  const ClusterDns dns{.servers = {"10.96.0.10"}, .domain = "cluster.local"};
  EXPECT_EQ(resolv_conf_of(simple(), dns, "nameserver 192.0.2.1\nsearch example\n"),
            "search default.svc.cluster.local svc.cluster.local cluster.local example\n"
            "nameserver 10.96.0.10\noptions ndots:5\n");
  EXPECT_EQ(resolv_conf_of(simple(), {}, "nameserver 192.0.2.1\n"), "nameserver 192.0.2.1\n");
}

TEST(ProbeCount, TurnsOnlyAfterEnoughAnswersInARow) {
  const Probe probe{.successes = 1, .failures = 3};
  ProbeCount count(probe, true);
  EXPECT_FALSE(count.take(false));
  EXPECT_FALSE(count.take(false));
  EXPECT_TRUE(count.take(true));
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(count.take(false));
  EXPECT_TRUE(count.passed());
  EXPECT_TRUE(count.take(false));
  EXPECT_FALSE(count.passed());
}

TEST(Images, WellKnownOnesHaveStandIns) {
  EXPECT_EQ(stand_in_for("paulbouwer/hello-kubernetes:1.8"), "hello-kubernetes");
  EXPECT_EQ(stand_in_for("registry.k8s.io/e2e-test-images/agnhost:2.45"), "agnhost");
  EXPECT_EQ(stand_in_for("docker.io/library/nginx@sha256:0"), "nginx");
  EXPECT_EQ(stand_in_for("localhost:5000/odd"), "");
}

}  // namespace
}  // namespace podwire::kubelet
