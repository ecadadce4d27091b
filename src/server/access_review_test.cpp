#include "server/access_review.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/impersonation.h"

namespace podwire::server {
namespace {

class AccessReviewTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& object : bootstrap_policy())
      rbac_.put(object.at("kind") == "ClusterRole" ? "clusterroles" : "clusterrolebindings", object);
    put_binding("edit", "alice");
  }
  void put_binding(const std::string& role, const std::string& user) {
    rbac_.put("rolebindings",
              json::parse(
                  R"({"metadata":{"name":"b","namespace":"shop"},"roleRef":{"kind":"ClusterRole","name":")" +
                  role + R"("},"subjects":[{"kind":"User","name":")" + user + R"("}]})")
                  .as_object());
  }
  kube::Answer<json::object> ask(std::string_view kind, std::string_view spec, std::string_view ns = {}) {
    json::object review;
    review["spec"] = json::parse(spec);
    return review_access(authorizer_, alice_, kind, ns, review);
  }
  NodeGraph graph_;
  Rbac rbac_;
  NodeAuthorizer nodes_{graph_};
  Authorizer authorizer_{nodes_, rbac_};
  User alice_{.name = "alice", .groups = {"system:authenticated"}};
};

TEST_F(AccessReviewTest, AnswersForOneselfAndForOthers) {
  const auto mine = ask("SelfSubjectAccessReview",
                        R"({"resourceAttributes":{"namespace":"shop","verb":"get","resource":"secrets"}})");
  EXPECT_TRUE(mine->at("allowed").as_bool());
  EXPECT_EQ(mine->at("reason"),
            R"(RBAC: allowed by RoleBinding "b/shop" of ClusterRole "edit" to User "alice")");
  const auto bobs =
      ask("SubjectAccessReview",
          R"({"user":"bob","resourceAttributes":{"namespace":"shop","verb":"get","resource":"secrets"}})");
  EXPECT_FALSE(bobs->at("allowed").as_bool());
  EXPECT_TRUE(
      ask("SubjectAccessReview",
          R"({"groups":["system:authenticated"],"nonResourceAttributes":{"path":"/version","verb":"get"}})")
          ->at("allowed")
          .as_bool());
  EXPECT_EQ(ask("SubjectAccessReview",
                R"({"user":"system:node:n1","groups":["system:nodes"],
                    "resourceAttributes":{"namespace":"shop","verb":"get","resource":"secrets","name":"s"}})")
                ->at("reason"),
            "no relationship found between node 'n1' and this object");
}

TEST_F(AccessReviewTest, QuestionsMustBeWhole) {
  EXPECT_EQ(ask("SelfSubjectAccessReview", "{}").error().code, 422);
  EXPECT_EQ(ask("SelfSubjectAccessReview",
                R"({"resourceAttributes":{"verb":"get"},"nonResourceAttributes":{"path":"/"}})")
                .error()
                .code,
            422);
  EXPECT_NE(ask("SubjectAccessReview", R"({"resourceAttributes":{"verb":"get"}})")
                .error()
                .message.find("at least one of user or group must be specified"),
            std::string::npos);
  constexpr auto kLocal =
      R"({"user":"alice","resourceAttributes":{"namespace":"shop","verb":"get","resource":"pods"}})";
  EXPECT_TRUE(ask("LocalSubjectAccessReview", kLocal, "shop")->at("allowed").as_bool());
  EXPECT_EQ(ask("LocalSubjectAccessReview", kLocal, "other").error().code, 422);
}

TEST_F(AccessReviewTest, ActingAsOthersIsARight) {
  http::Request r;
  r.headers = {{"impersonate-user", "system:serviceaccount:shop:web"}};
  const auto as = [&] { return impersonated(authorizer_, alice_, r); };
  const auto account = as();
  ASSERT_TRUE(account.has_value()) << account.error().message;
  EXPECT_EQ(account->groups,
            (std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:shop",
                                      "system:authenticated"}));
  r.headers = {{"Impersonate-User", "bob"}};
  EXPECT_EQ(
      as().error().message,
      R"(users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope)");
  r.headers = {{"Impersonate-User", "system:serviceaccount:shop:web"},
               {"Impersonate-Group", "system:masters"}};
  EXPECT_EQ(as().error().code, 403);
  r.headers = {{"Impersonate-Group", "system:masters"}};
  EXPECT_EQ(as().error().code, 400);
  r.headers = {};
  EXPECT_EQ(as()->name, "alice");
}

}  // namespace
}  // namespace podwire::server
