#include <gtest/gtest.h>

#include "kube/json.h"
#include "server/auth/rbac.h"

namespace podwire::server {
namespace {

class PolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& object : bootstrap_policy())
      rbac_.put(object.at("kind") == "ClusterRole" ? "clusterroles" : "clusterrolebindings", object);
    for (const char* role : {"admin", "edit", "view"}) {
      json::object binding{{"metadata", {{"name", role}, {"namespace", "shop"}}},
                           {"roleRef", {{"kind", "ClusterRole"}, {"name", role}}}};
      json::object subject{{"kind", "User"}, {"name", role}};
      binding["subjects"] = json::array{subject};
      rbac_.put("rolebindings", binding);
    }
  }
  [[nodiscard]] bool may(std::string_view name, std::string_view verb, std::string_view resource,
                         std::string_view ns = "shop", std::string_view group = "",
                         std::string_view subresource = "") const {
    const User user{.name = std::string(name), .uid = "", .groups = {"system:authenticated"}};
    return rbac_.allows({.user = user,
                         .verb = verb,
                         .group = group,
                         .resource = resource,
                         .subresource = subresource,
                         .ns = ns,
                         .name = "x",
                         .path = {}});
  }
  Rbac rbac_;
};

TEST_F(PolicyTest, ViewersSeeButNoSecrets) {
  EXPECT_TRUE(may("view", "list", "pods"));
  EXPECT_TRUE(may("view", "get", "deployments", "shop", "apps"));
  EXPECT_FALSE(may("view", "get", "secrets"));
  EXPECT_FALSE(may("view", "create", "pods"));
  EXPECT_FALSE(may("view", "list", "pods", "other"));
  EXPECT_FALSE(may("view", "get", "roles", "shop", "rbac.authorization.k8s.io"));
}

TEST_F(PolicyTest, EditorsSeeMoreAndChange) {
  EXPECT_TRUE(may("edit", "list", "pods"));
  EXPECT_TRUE(may("edit", "get", "secrets"));
  EXPECT_TRUE(may("edit", "create", "deployments", "shop", "apps"));
  EXPECT_TRUE(may("edit", "create", "serviceaccounts", "shop", "", "token"));
  EXPECT_FALSE(may("edit", "update", "endpointslices", "shop", "discovery.k8s.io"));
  EXPECT_FALSE(may("edit", "update", "pods", "shop", "", "status"));
  EXPECT_FALSE(may("edit", "create", "rolebindings", "shop", "rbac.authorization.k8s.io"));
}

TEST_F(PolicyTest, AdministratorsOfANamespaceGrantInIt) {
  EXPECT_TRUE(may("admin", "create", "rolebindings", "shop", "rbac.authorization.k8s.io"));
  EXPECT_TRUE(may("admin", "delete", "services"));
  EXPECT_FALSE(may("admin", "create", "clusterroles", "", "rbac.authorization.k8s.io"));
  EXPECT_FALSE(may("admin", "update", "namespaces"));
  EXPECT_FALSE(may("admin", "get", "nodes", ""));
}

TEST_F(PolicyTest, TheServersOwnControllersMayWhatTheyDo) {
  constexpr auto kUser = "system:kube-controller-manager";
  EXPECT_TRUE(may(kUser, "create", "pods", "any", "", "binding"));
  EXPECT_TRUE(may(kUser, "patch", "deployments", "any", "apps", "status"));
  EXPECT_TRUE(may(kUser, "patch", "namespaces", "any", "", "finalize"));
  EXPECT_TRUE(may(kUser, "create", "endpointslices", "any", "discovery.k8s.io"));
  EXPECT_TRUE(may(kUser, "patch", "nodes", ""));
  EXPECT_FALSE(may(kUser, "create", "clusterrolebindings", "", "rbac.authorization.k8s.io"));
  EXPECT_FALSE(may(kUser, "create", "serviceaccounts", "any", "", "token"));
  EXPECT_FALSE(may(kUser, "create", "secrets", "any"));
  EXPECT_TRUE(may("system:kube-scheduler", "create", "pods", "any", "", "binding"));
  EXPECT_FALSE(may("system:kube-scheduler", "create", "pods", "any"));
  EXPECT_TRUE(
      may("system:serviceaccount:kube-system:deployment-controller", "create", "replicasets", "any", "apps"));
  EXPECT_TRUE(may("system:kube-proxy", "watch", "endpointslices", "", "discovery.k8s.io"));
}

}  // namespace
}  // namespace podwire::server
