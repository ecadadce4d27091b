#include "server/auth/escalation.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::server {
namespace {

class EscalationTest : public testing::Test {
 protected:
  void SetUp() override {
    put("clusterroles",
        R"({"metadata":{"name":"holder"},"rules":[
          {"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]},
          {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["one"]},
          {"verbs":["get"],"nonResourceURLs":["/logs/*"]}]})");
    put("clusterrolebindings",
        R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"holder"},"subjects":[{"kind":"User","name":"bob"}]})");
  }
  void put(std::string_view plural, std::string_view text) {
    rbac_.put(plural, json::parse(text).as_object());
  }
  kube::Answer<> write(std::string_view plural, std::string_view text, const json::object* old = nullptr,
                       const std::string& ns = "shop") {
    const auto object = json::parse(text).as_object();
    const bool cluster = plural.starts_with("cluster");
    return check_escalation(
        rbac_,
        {.user = bob_, .plural = plural, .ns = cluster ? "" : ns, .name = "x", .old = old, .object = object});
  }
  void give_bob(std::string_view rule) {
    put("clusterroles", R"({"metadata":{"name":"more"},"rules":[)" + std::string(rule) + "]}");
    put("clusterrolebindings",
        R"({"metadata":{"name":"m"},"roleRef":{"kind":"ClusterRole","name":"more"},"subjects":[{"kind":"User","name":"bob"}]})");
  }
  Rbac rbac_;
  User bob_{.name = "bob", .uid = "", .groups = {"dev", "system:authenticated"}};
};

TEST_F(EscalationTest, WhatOneHasOneMayGive) {
  for (const char* rules :
       {R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})",
        R"({"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["pods/log"],"resourceNames":["a"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["one"]}]})",
        R"({"rules":[{"verbs":["get"],"nonResourceURLs":["/logs/a"]}]})", R"({"rules":[]})"})
    EXPECT_TRUE(write("clusterroles", rules).has_value()) << rules;
}

TEST_F(EscalationTest, MoreThanThatIsRefused) {
  for (const char* rules :
       {R"({"rules":[{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":["*"],"resources":["pods"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["*"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods/exec"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["*/log"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})",
        R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["two"]}]})",
        R"({"rules":[{"verbs":["get"],"nonResourceURLs":["/metrics"]}]})"})
    EXPECT_EQ(write("clusterroles", rules).error().code, 403) << rules;
}

TEST_F(EscalationTest, TheRefusalSaysWhatIsMissing) {
  const auto refused = write(
      "roles",
      R"({"rules":[{"verbs":["get","delete","create"],"apiGroups":[""],"resources":["pods","services"]}]})");
  EXPECT_EQ(
      refused.error().message,
      R"(roles.rbac.authorization.k8s.io "x" is forbidden: user "bob" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete" "create"]}
{APIGroups:[""], Resources:["services"], Verbs:["get" "delete" "create"]})");
}

TEST_F(EscalationTest, EscalateIsARightOfItsOwn) {
  constexpr auto kAll = R"({"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})";
  EXPECT_FALSE(write("clusterroles", kAll).has_value());
  give_bob(
      R"({"verbs":["escalate"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"]})");
  EXPECT_TRUE(write("clusterroles", kAll).has_value());
  EXPECT_FALSE(write("roles", kAll).has_value());
}

TEST_F(EscalationTest, WhatDoesNotChangeIsNotLookedAt) {
  const auto old =
      json::parse(R"({"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})").as_object();
  EXPECT_TRUE(
      write(
          "clusterroles",
          R"({"metadata":{"labels":{"a":"b"}},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})",
          &old)
          .has_value());
}

TEST_F(EscalationTest, AggregationWantsEverything) {
  EXPECT_EQ(write("clusterroles",
                  R"({"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]},"rules":[]})")
                .error()
                .code,
            403);
}

TEST_F(EscalationTest, ABindingGivesWhatItsRoleGives) {
  constexpr auto kHolder =
      R"({"roleRef":{"kind":"ClusterRole","name":"holder"},"subjects":[{"kind":"User","name":"eve"}]})";
  EXPECT_TRUE(write("rolebindings", kHolder).has_value());
  EXPECT_TRUE(write("clusterrolebindings", kHolder).has_value());
  put("clusterroles",
      R"({"metadata":{"name":"all"},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})");
  constexpr auto kAll = R"({"roleRef":{"kind":"ClusterRole","name":"all"},"subjects":[]})";
  EXPECT_EQ(write("rolebindings", kAll).error().code, 403);
  give_bob(
      R"({"verbs":["bind"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["all"]})");
  EXPECT_TRUE(write("rolebindings", kAll).has_value());
  const auto none = write("rolebindings", R"({"roleRef":{"kind":"Role","name":"none"}})");
  EXPECT_EQ(none.error().message, R"(roles.rbac.authorization.k8s.io "none" not found)");
}

TEST_F(EscalationTest, MastersMayEverything) {
  bob_.groups = {"system:masters"};
  EXPECT_TRUE(write("clusterroles", R"({"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})")
                  .has_value());
}

TEST_F(EscalationTest, AggregatedRolesAreTheSumOfOthers) {
  put("clusterroles",
      R"({"metadata":{"name":"sum","labels":{"to":"more"}},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"sum"}}]},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})");
  put("clusterroles",
      R"({"metadata":{"name":"more","labels":{"to":"sum"}},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"more"}}]}})");
  EXPECT_TRUE(rbac_.role("", "sum")->empty());
  put("clusterroles",
      R"({"metadata":{"name":"part","labels":{"to":"sum"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["nodes"]}]})");
  EXPECT_EQ(*rbac_.role("", "sum"), (PolicyRules{{{"get"}, {""}, {"nodes"}, {}, {}}}));
  EXPECT_EQ(*rbac_.role("", "more"), *rbac_.role("", "sum"));
  EXPECT_EQ(rbac_.aggregated(), (std::vector<std::string>{"more", "sum"}));
  rbac_.erase("clusterroles", "", "part");
  EXPECT_TRUE(rbac_.role("", "sum")->empty());
}

}  // namespace
}  // namespace podwire::server
