#include "server/object_meta.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "kube/json.h"

namespace podwire::server {
namespace {

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

const kube::Resource kPods{.version = "v1", .kind = "Pod", .plural = "pods", .subresources = {"status"}};
const kube::Resource kMaps{.version = "v1", .kind = "ConfigMap", .plural = "configmaps"};
const kube::Resource kNamespaces{.version = "v1",
                                 .kind = "Namespace",
                                 .plural = "namespaces",
                                 .namespaced = false,
                                 .subresources = {"status"}};
const Moment kMoment{.now = std::chrono::sys_seconds(std::chrono::seconds(1'763'899'200)),
                     .uid = "u-1",
                     .name_suffix = "x7k2p"};

TEST(Rfc3339, InUtc) { EXPECT_EQ(rfc3339(kMoment.now), "2025-11-23T12:00:00Z"); }

TEST(BeginLife, FillsInWhatTheServerSays) {
  auto o =
      parse(R"({"metadata":{"name":"a","uid":"mine","deletionTimestamp":"x","generation":9},"spec":{}})");
  ASSERT_TRUE(begin_life(kPods, o, {.ns = "default"}, kMoment).has_value());
  EXPECT_EQ(
      o.at("metadata"),
      parse(
          R"({"name":"a","namespace":"default","uid":"u-1","creationTimestamp":"2025-11-23T12:00:00Z","generation":1})"));
}

TEST(BeginLife, MakesAName) {
  auto o = parse(R"({"metadata":{"generateName":"web-"}})");
  ASSERT_TRUE(begin_life(kPods, o, {.ns = "default"}, kMoment).has_value());
  EXPECT_EQ(kube::text_in(o, "metadata", "name"), "web-x7k2p");
  o = parse(R"({"metadata":{"generateName":")" + std::string(80, 'w') + R"("}})");
  ASSERT_TRUE(begin_life(kPods, o, {.ns = "default"}, kMoment).has_value());
  EXPECT_EQ(kube::text_in(o, "metadata", "name").size(), 63U);
}

TEST(BeginLife, RefusesOtherPlaces) {
  auto o = parse(R"({"metadata":{"name":"a","namespace":"other"}})");
  EXPECT_EQ(begin_life(kPods, o, {.ns = "default"}, kMoment).error().code, 400);
  o = parse(R"({"metadata":{}})");
  EXPECT_EQ(begin_life(kPods, o, {.ns = "default"}, kMoment).error().code, 422);
  o = parse(R"({"metadata":{"name":"a","resourceVersion":"4"}})");
  EXPECT_EQ(begin_life(kPods, o, {.ns = "default"}, kMoment).error().code, 400);
}

const json::object kLive = parse(
    R"({"metadata":{"name":"a","namespace":"default","uid":"u-1","creationTimestamp":"t","generation":3,"resourceVersion":"9"},)"
    R"("spec":{"n":1},"status":{"phase":"Running"}})");

TEST(CarryOn, AnUpdateLeavesTheStatusAlone) {
  auto o =
      parse(R"({"metadata":{"name":"a","labels":{"x":"y"}},"spec":{"n":1},"status":{"phase":"Failed"}})");
  ASSERT_TRUE(carry_on(kPods, kLive, o, {"default", "a"}, "").has_value());
  EXPECT_EQ(kube::text_in(o, "status", "phase"), "Running");
  EXPECT_EQ(o.at("metadata").at("generation"), json::value(3));
  EXPECT_EQ(o.at("metadata").at("uid"), json::value("u-1"));
}

TEST(CarryOn, AnotherSpecIsAnotherGeneration) {
  auto o = parse(R"({"metadata":{"name":"a"},"spec":{"n":2}})");
  ASSERT_TRUE(carry_on(kPods, kLive, o, {"default", "a"}, "").has_value());
  EXPECT_EQ(o.at("metadata").at("generation"), json::value(4));
}

TEST(CarryOn, AStatusUpdateLeavesTheSpecAlone) {
  auto o = parse(
      R"({"metadata":{"name":"a","annotations":{"x":"y"},"ownerReferences":[{}]},"spec":{"n":2},"status":{"phase":"Failed"}})");
  ASSERT_TRUE(carry_on(kPods, kLive, o, {"default", "a"}, "status").has_value());
  EXPECT_EQ(o.at("spec"), kLive.at("spec"));
  EXPECT_EQ(kube::text_in(o, "status", "phase"), "Failed");
  EXPECT_EQ(kube::text_in(o, "metadata", "annotations", "x"), "y");
  EXPECT_EQ(kube::in(o, "metadata", "ownerReferences"), nullptr);
}

TEST(CarryOn, AnotherUidIsAnotherObject) {
  auto o = parse(R"({"metadata":{"name":"a","uid":"u-2"}})");
  EXPECT_EQ(carry_on(kPods, kLive, o, {"default", "a"}, "").error().code, 409);
  o = parse(R"({"metadata":{"name":"b"}})");
  EXPECT_EQ(carry_on(kPods, kLive, o, {"default", "a"}, "").error().code, 400);
}

TEST(EndLife, WithoutGraceOrFinalizersItIsGone) {
  const auto gone = end_life(kMaps, parse(R"({"metadata":{"name":"a"}})"), {}, kMoment);
  ASSERT_TRUE(gone.has_value());
  EXPECT_FALSE(gone->has_value());
}

TEST(EndLife, APodOnANodeIsGivenTime) {
  auto pod = parse(R"({"metadata":{"name":"a"},"spec":{"nodeName":"n","terminationGracePeriodSeconds":5}})");
  auto last = end_life(kPods, pod, {}, kMoment);
  ASSERT_TRUE(last && *last);
  EXPECT_EQ(kube::text_in(**last, "metadata", "deletionTimestamp"), "2025-11-23T12:00:05Z");
  EXPECT_EQ((*last)->at("metadata").at("deletionGracePeriodSeconds"), json::value(5));
  EXPECT_FALSE(is_finished(kPods, **last));
  // Later only less.
  const auto same = end_life(kPods, **last, {.grace_seconds = 60}, kMoment);
  EXPECT_EQ(**same, **last);
  EXPECT_FALSE(end_life(kPods, **last, {.grace_seconds = 0}, kMoment)->has_value());
}

TEST(EndLife, APodOnNoNodeIsGoneAtOnce) {
  EXPECT_FALSE(end_life(kPods, parse(R"({"metadata":{"name":"a"},"spec":{}})"), {}, kMoment)->has_value());
}

TEST(EndLife, FinalizersHoldIt) {
  auto map = parse(R"({"metadata":{"name":"a","finalizers":["x/y"]}})");
  const auto last = end_life(kMaps, map, {}, kMoment);
  ASSERT_TRUE(last && *last);
  EXPECT_FALSE(is_finished(kMaps, **last));
  auto freed = **last;
  freed["metadata"].as_object().erase("finalizers");
  EXPECT_TRUE(is_finished(kMaps, freed));
}

TEST(EndLife, ForegroundAndOrphanAreFinalizers) {
  const auto map = parse(R"({"metadata":{"name":"a"}})");
  using P = DeleteOptions::Propagation;
  EXPECT_EQ((*end_life(kMaps, map, {.propagation = P::foreground}, kMoment))->at("metadata").at("finalizers"),
            json::value(json::array{"foregroundDeletion"}));
  EXPECT_EQ((*end_life(kMaps, map, {.propagation = P::orphan}, kMoment))->at("metadata").at("finalizers"),
            json::value(json::array{"orphan"}));
}

TEST(EndLife, ANamespaceTerminatesUntilItIsFinalized) {
  const auto ns =
      parse(R"({"metadata":{"name":"a"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})");
  const auto last = end_life(kNamespaces, ns, {}, kMoment);
  ASSERT_TRUE(last && *last);
  EXPECT_EQ(kube::text_in(**last, "status", "phase"), "Terminating");
  EXPECT_FALSE(is_finished(kNamespaces, **last));
}

TEST(EndLife, Preconditions) {
  const auto map = parse(R"({"metadata":{"name":"a","uid":"u","resourceVersion":"7"}})");
  EXPECT_EQ(end_life(kMaps, map, {.uid = "v"}, kMoment).error().code, 409);
  EXPECT_EQ(end_life(kMaps, map, {.resource_version = "8"}, kMoment).error().code, 409);
  EXPECT_TRUE(end_life(kMaps, map, {.uid = "u", .resource_version = "7"}, kMoment).has_value());
}

TEST(DeleteOptions, AreRead) {
  const auto o = delete_options(parse(
      R"({"gracePeriodSeconds":0,"preconditions":{"uid":"u"},"propagationPolicy":"Foreground","dryRun":["All"]})"));
  ASSERT_TRUE(o.has_value());
  EXPECT_EQ(o->grace_seconds, 0);
  EXPECT_EQ(o->uid, "u");
  EXPECT_EQ(o->propagation, DeleteOptions::Propagation::foreground);
  EXPECT_TRUE(o->dry_run);
  EXPECT_EQ(delete_options(parse(R"({"propagationPolicy":"Sideways"})")).error().code, 422);
}

}  // namespace
}  // namespace podwire::server
