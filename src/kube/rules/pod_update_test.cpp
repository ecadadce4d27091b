#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kPod =
    R"({"metadata":{"name":"web","namespace":"default","labels":{"a":"b"}},"spec":{
  "nodeName":"n1","terminationGracePeriodSeconds":30,"activeDeadlineSeconds":100,"tolerations":[{"key":"a","operator":"Exists"}],
  "initContainers":[{"name":"i","image":"busybox:1"}],"containers":[{"name":"a","image":"nginx:1"}]}})";

std::string refused(std::initializer_list<Change> changes) { return on_update("pods", kPod, changes); }

constexpr std::string_view kMayChange =
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
    "existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
    "negative)\n";

TEST(PodUpdate, MayChangeLittle) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/metadata/labels/c", R"("d")"}}), "accepted");
  EXPECT_EQ(refused({{"/spec/containers/0/image", R"("nginx:2")"},
                     {"/spec/initContainers/0/image", R"("busybox:2")"}}),
            "accepted");
  EXPECT_EQ(refused({{"/spec/activeDeadlineSeconds", "50"}}), "accepted");
  EXPECT_EQ(refused({{"/spec/tolerations/-", R"({"key":"b","operator":"Exists"})"}}), "accepted");
  EXPECT_EQ(
      refused(
          {{"/spec/tolerations/0/tolerationSeconds", "5"}, {"/spec/tolerations/0/effect", R"("NoExecute")"}}),
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds");
}

TEST(PodUpdate, SaysWhatElseWasChanged) {
  EXPECT_EQ(refused({{"/spec/nodeName", R"("n2")"}}),
            std::string(kMayChange) + "- nodeName: \"n1\"\n+ nodeName: \"n2\"");
  EXPECT_EQ(refused({{"/spec/hostNetwork", "true"}}), std::string(kMayChange) + "+ hostNetwork: true");
  EXPECT_TRUE(refused({{"/spec/containers/0/env", R"([{"name":"A","value":"b"}])"}}).starts_with(kMayChange));
  EXPECT_TRUE(refused({{"/spec/terminationGracePeriodSeconds", "1"}}).starts_with(kMayChange));
}

TEST(PodUpdate, WhatMeansNothingIsNoChange) {
  EXPECT_EQ(
      refused({{"/spec/hostNetwork", "false"}, {"/spec/volumes", "[]"}, {"/spec/nodeSelector", "null"}}),
      "accepted");
}

TEST(PodUpdate, ContainersStay) {
  EXPECT_EQ(refused({{"/spec/containers/-", R"({"name":"b","image":"x:1"})"}}),
            "spec.containers: Forbidden: pod updates may not add or remove containers");
  EXPECT_EQ(refused({{"/spec/initContainers", "[]"}}),
            "spec.initContainers: Forbidden: pod updates may not add or remove containers");
}

TEST(PodUpdate, DeadlinesComeNearer) {
  EXPECT_EQ(refused({{"/spec/activeDeadlineSeconds", "101"}}),
            "spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value");
  EXPECT_EQ(refused({{"/spec/activeDeadlineSeconds", ""}}),
            "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil "
            "value");
}

TEST(PodUpdate, GatesOnlyOpen) {
  constexpr std::string_view kGated =
      R"({"metadata":{"name":"a","namespace":"b"},"spec":{"terminationGracePeriodSeconds":30,
    "schedulingGates":[{"name":"x"},{"name":"y"}],"containers":[{"name":"a","image":"b:1"}]}})";
  EXPECT_EQ(on_update("pods", kGated, {{"/spec/schedulingGates", R"([{"name":"y"}])"}}), "accepted");
  EXPECT_EQ(
      on_update("pods", kGated, {{"/spec/schedulingGates", R"([{"name":"z"}])"}}),
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'z'");
}

}  // namespace
}  // namespace podwire::kube
