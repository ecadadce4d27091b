#include "server/policy.h"

#include "server/access_testing.h"

namespace podwire::server {
namespace {

class EnsurePolicyTest : public AccessTest {
 protected:
  json::object role(const std::string& name) {
    return parse_stored(*registry_->find(rbac("ClusterRole"), {"", name}));
  }
  void set(const std::string& name, std::function<void(json::object&)> how) {
    const auto written =
        wait(registry_->update(rbac("ClusterRole"), {"", name}, "",
                               [how](const json::object* live) -> kube::Answer<json::object> {
                                 auto out = *live;
                                 how(out);
                                 return out;
                               },
                               {.manager = "test"}, {}));
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }
};

TEST_F(EnsurePolicyTest, SumsAreWrittenIntoTheirRoles) {
  wait(write_sums(*registry_, access_->authorizer().rbac()));
  const auto view = rules_in(role("view")), edit = rules_in(role("edit")), admin = rules_in(role("admin"));
  EXPECT_EQ(view, rules_in(role("system:aggregate-to-view")));
  EXPECT_TRUE(uncovered(edit, view).empty());
  EXPECT_TRUE(uncovered(admin, edit).empty());
  EXPECT_FALSE(uncovered(edit, admin).empty());
  const auto made = wait(registry_->create(
      rbac("ClusterRole"), {"", ""},
      json::parse(
          R"({"metadata":{"name":"more","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},
                      "rules":[{"verbs":["get"],"apiGroups":["example.com"],"resources":["things"]}]})")
          .as_object(),
      {.manager = "test"}, {}));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  wait(write_sums(*registry_, access_->authorizer().rbac()));
  EXPECT_TRUE(uncovered(rules_in(role("admin")), rules_in(role("more"))).empty());
}

TEST_F(EnsurePolicyTest, WhatIsMissingIsAddedAtAStart) {
  set("system:basic-user", [](json::object& role) { role["rules"].as_array().clear(); });
  set("system:discovery", [](json::object& role) {
    role["rules"].as_array().clear();
    role["metadata"].as_object()["annotations"].as_object()["rbac.authorization.kubernetes.io/autoupdate"] =
        "false";
  });
  ASSERT_TRUE(wait(ensure_policy(*registry_)).has_value());
  EXPECT_FALSE(rules_in(role("system:basic-user")).empty());
  EXPECT_TRUE(rules_in(role("system:discovery")).empty());
}

TEST_F(EnsurePolicyTest, ItChangesNothingWhenAllIsThere) {
  const auto before = store_->revision();
  ASSERT_TRUE(wait(ensure_policy(*registry_)).has_value());
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(EnsurePolicyTest, WritesAreChecked) {
  const User bob{.name = "bob", .groups = {"system:authenticated"}};
  const Author author{.manager = "test", .check = access_->check_of(bob, rbac("ClusterRole"), {"", ""}, "")};
  const auto refused = wait(registry_->create(
      rbac("ClusterRole"), {"", ""},
      json::parse(
          R"({"metadata":{"name":"x"},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})")
          .as_object(),
      author, {}));
  EXPECT_EQ(refused.error().code, 403);
  const User node{.name = "system:node:n2", .groups = {"system:nodes"}};
  const Author other{.manager = "test", .check = access_->check_of(node, resource("Node"), {"", "n1"}, "")};
  const auto touched = wait(registry_->update(resource("Node"), {"", "n1"}, "",
                                              [](const json::object* live) -> kube::Answer<json::object> {
                                                auto out = *live;
                                                out["spec"] = json::object{{"unschedulable", true}};
                                                return out;
                                              },
                                              other, {}));
  EXPECT_EQ(touched.error().message,
            R"(nodes "n1" is forbidden: node "n2" is not allowed to modify node "n1")");
  const auto deleted =
      wait(registry_->remove(resource("Pod"), {"default", "web-0"}, {},
                             access_->check_of(node, resource("Pod"), {"default", "web-0"}, "")));
  EXPECT_EQ(deleted.error().code, 403);
}

}  // namespace
}  // namespace podwire::server
