#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "server/auth/authorizer.h"
#include "server/auth/node_restriction.h"

namespace podwire::server {
namespace {

json::object parsed(std::string_view text) { return json::parse(text).as_object(); }

constexpr auto kPod = R"({"metadata":{"name":"web-0","namespace":"shop","uid":"u-1"},"spec":{"nodeName":"n1",
  "serviceAccountName":"web","imagePullSecrets":[{"name":"pull"}],
  "initContainers":[{"env":[{"name":"a","valueFrom":{"secretKeyRef":{"name":"init-key"}}}]}],
  "containers":[{"envFrom":[{"configMapRef":{"name":"from"}},{"secretRef":{"name":"from-secret"}}],
                 "env":[{"name":"b","valueFrom":{"configMapKeyRef":{"name":"key"}}}]}],
  "volumes":[{"name":"s","secret":{"secretName":"mounted"}},{"name":"c","configMap":{"name":"config"}},
             {"name":"p","projected":{"sources":[{"secret":{"name":"p-secret"}},{"configMap":{"name":"p-config"}}]}}]}})";

class NodeTest : public testing::Test {
 protected:
  void SetUp() override { graph_.put(parsed(kPod)); }
  Decision decide(std::string_view verb, std::string_view resource, std::string_view ns,
                  std::string_view name = {}, std::string_view subresource = {}, std::string_view group = {},
                  const kube::FieldSelector* fields = nullptr) {
    return authorizer_.decide({.user = node_,
                               .verb = verb,
                               .group = group,
                               .resource = resource,
                               .subresource = subresource,
                               .ns = ns,
                               .name = name,
                               .path = {},
                               .fields = fields});
  }
  void bind_agents() {
    for (const auto& object : bootstrap_policy())
      rbac_.put(object.at("kind") == "ClusterRole" ? "clusterroles" : "clusterrolebindings", object);
  }
  NodeGraph graph_;
  Rbac rbac_;
  NodeAuthorizer nodes_{graph_};
  Authorizer authorizer_{nodes_, rbac_};
  User node_{.name = "system:node:n1", .uid = "", .groups = {"system:nodes", "system:authenticated"}};
};

TEST_F(NodeTest, IsWhoSaysSoAndIsOfTheGroup) {
  EXPECT_EQ(node_of(node_), "n1");
  EXPECT_EQ(node_of({.name = "system:node:n1", .groups = {}}), std::nullopt);
  EXPECT_EQ(node_of({.name = "n1", .groups = {"system:nodes"}}), std::nullopt);
}

TEST_F(NodeTest, ReadsWhatItsPodsNeed) {
  for (const char* name : {"pull", "init-key", "from-secret", "mounted", "p-secret"})
    EXPECT_TRUE(decide("get", "secrets", "shop", name).allowed) << name;
  for (const char* name : {"from", "key", "config", "p-config", "kube-root-ca.crt"})
    EXPECT_TRUE(decide("get", "configmaps", "shop", name).allowed) << name;
  EXPECT_TRUE(decide("get", "serviceaccounts", "shop", "web").allowed);
  EXPECT_TRUE(decide("watch", "secrets", "shop", "pull").allowed);
}

TEST_F(NodeTest, AndNothingElse) {
  EXPECT_EQ(decide("get", "secrets", "shop", "other").reason,
            "no relationship found between node 'n1' and this object");
  EXPECT_FALSE(decide("get", "secrets", "kube-system", "pull").allowed);
  EXPECT_FALSE(decide("get", "secrets", "shop", "config").allowed);
  EXPECT_EQ(decide("list", "secrets", "shop").reason, "No Object name found");
  EXPECT_EQ(decide("list", "secrets", "").reason, "can only read namespaced object of this type");
  EXPECT_EQ(decide("delete", "secrets", "shop", "pull").reason, "can only read resources of this type");
  EXPECT_FALSE(decide("get", "serviceaccounts", "shop", "default").allowed);
  EXPECT_FALSE(decide("delete", "nodes", "", "n1").allowed);
  EXPECT_FALSE(decide("create", "clusterroles", "", "", "", "rbac.authorization.k8s.io").allowed);
}

TEST_F(NodeTest, WhatIsNeededChangesWithThePods) {
  auto moved = parsed(kPod);
  moved["spec"].as_object()["nodeName"] = "n2";
  graph_.put(moved);
  EXPECT_FALSE(decide("get", "secrets", "shop", "pull").allowed);
  graph_.put(parsed(kPod));
  EXPECT_TRUE(decide("get", "secrets", "shop", "pull").allowed);
  graph_.erase("shop", "web-0");
  EXPECT_FALSE(decide("get", "secrets", "shop", "pull").allowed);
  auto mirror = parsed(kPod);
  mirror["metadata"].as_object()["annotations"] = json::object{{"kubernetes.io/config.mirror", "x"}};
  graph_.put(mirror);
  EXPECT_FALSE(decide("get", "secrets", "shop", "pull").allowed);
}

TEST_F(NodeTest, ItsOwnPodsNodeAndLease) {
  EXPECT_TRUE(decide("get", "pods", "shop", "web-0").allowed);
  EXPECT_FALSE(decide("get", "pods", "shop", "web-1").allowed);
  EXPECT_EQ(decide("list", "pods", "").reason, "can only list/watch pods with spec.nodeName field selector");
  const auto mine = *kube::FieldSelector::parse("pods", "spec.nodeName=n1");
  const auto others = *kube::FieldSelector::parse("pods", "spec.nodeName=n2");
  EXPECT_TRUE(decide("watch", "pods", "", "", "", "", &mine).allowed);
  EXPECT_FALSE(decide("watch", "pods", "", "", "", "", &others).allowed);
  EXPECT_TRUE(decide("patch", "pods", "shop", "web-0", "status").allowed);
  EXPECT_TRUE(decide("get", "nodes", "", "n1").allowed);
  EXPECT_EQ(decide("get", "nodes", "", "n2").reason, "node 'n1' cannot read 'n2', only its own Node object");
  EXPECT_TRUE(decide("patch", "nodes", "", "n1", "status").allowed);
  EXPECT_TRUE(decide("update", "leases", "kube-node-lease", "n1", "", "coordination.k8s.io").allowed);
  EXPECT_TRUE(decide("create", "leases", "kube-node-lease", "", "", "coordination.k8s.io").allowed);
  EXPECT_EQ(decide("update", "leases", "kube-node-lease", "n2", "", "coordination.k8s.io").reason,
            "can only access node lease with the same name as the requesting node");
  EXPECT_EQ(decide("get", "leases", "default", "n1", "", "coordination.k8s.io").reason,
            R"(can only access leases in the "kube-node-lease" system namespace)");
  EXPECT_TRUE(decide("create", "serviceaccounts", "shop", "web", "token").allowed);
  EXPECT_FALSE(decide("create", "serviceaccounts", "shop", "other", "token").allowed);
}

TEST_F(NodeTest, AnAgentSeesTheNetworkOfTheCluster) {
  EXPECT_FALSE(decide("list", "networkpolicies", "", "", "", "networking.k8s.io").allowed);
  bind_agents();
  EXPECT_TRUE(decide("list", "networkpolicies", "", "", "", "networking.k8s.io").allowed);
  EXPECT_TRUE(decide("list", "pods", "").allowed);
  EXPECT_TRUE(decide("watch", "nodes", "").allowed);
  EXPECT_TRUE(decide("watch", "endpointslices", "", "", "", "discovery.k8s.io").allowed);
  EXPECT_FALSE(decide("list", "secrets", "").allowed);
  EXPECT_TRUE(authorizer_.rules_for(node_, "shop").at("incomplete").as_bool());
}

class RestrictionTest : public testing::Test {
 protected:
  std::string refused(std::string_view resource, std::string_view name, std::string_view old,
                      std::string_view object, std::string_view subresource = {},
                      std::string_view ns = "shop") {
    std::optional<json::object> before, after;
    if (!old.empty()) before = parsed(old);
    if (!object.empty()) after = parsed(object);
    const auto group = resource == "leases"          ? "coordination.k8s.io"
                       : resource == "addressblocks" ? "podwire.io"
                                                     : "";
    const auto answer = check_node_write({.node = "n1",
                                          .group = group,
                                          .resource = resource,
                                          .subresource = subresource,
                                          .ns = ns,
                                          .name = name,
                                          .old = before ? &*before : nullptr,
                                          .object = after ? &*after : nullptr},
                                         [this](std::string_view what, std::string_view,
                                                std::string_view which) -> std::optional<json::object> {
                                           const auto at =
                                               objects_.find(std::string(what) + "/" + std::string(which));
                                           if (at == objects_.end()) return std::nullopt;
                                           return parsed(at->second);
                                         });
    return answer ? "" : answer.error().message;
  }
  std::map<std::string, std::string> objects_{
      {"nodes/n1", R"({"metadata":{"name":"n1","uid":"u-n1"}})"},
      {"pods/mine", R"({"metadata":{"uid":"u-1"},"spec":{"nodeName":"n1"}})"},
      {"pods/other", R"({"metadata":{"uid":"u-2"},"spec":{"nodeName":"n2"}})"}};
};

TEST_F(RestrictionTest, OnlyItself) {
  EXPECT_EQ(refused("nodes", "n1", "", R"({"metadata":{"name":"n1"}})"), "");
  EXPECT_EQ(refused("nodes", "n2", "", R"({"metadata":{"name":"n2"}})"),
            R"(nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2")");
  EXPECT_NE(refused("nodes", "n2", "{}", R"({"status":{}})", "status"), "");
  EXPECT_EQ(refused("nodes", "n1", R"({"spec":{"taints":[{"key":"a"}]}})", R"({"spec":{}})"),
            R"(nodes "n1" is forbidden: node "n1" is not allowed to modify taints)");
  EXPECT_EQ(refused("nodes", "n1", "{}", R"({"spec":{"podCIDR":"10.0.0.0/24"}})"),
            R"(nodes "n1" is forbidden: node "n1" is not allowed to modify podCIDRs)");
  EXPECT_EQ(refused("nodes", "n1", "{}", R"({"spec":{"unschedulable":true}})"), "");
  EXPECT_NE(refused("nodes", "n1", "{}", R"({"metadata":{"ownerReferences":[{"name":"x"}]}})"), "");
}

TEST_F(RestrictionTest, LabelsThatOthersTrust) {
  EXPECT_EQ(
      refused("nodes", "n1", "{}", R"({"metadata":{"labels":{"a.node-restriction.kubernetes.io/x":"1"}}})"),
      R"(nodes "n1" is forbidden: is not allowed to modify labels: a.node-restriction.kubernetes.io/x)");
  EXPECT_EQ(
      refused("nodes", "n1", "",
              R"({"metadata":{"labels":{"node-restriction.kubernetes.io/x":"1","k8s.io/y":""}}})"),
      R"(nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: k8s.io/y, node-restriction.kubernetes.io/x)");
  EXPECT_NE(refused("nodes", "n1", R"({"metadata":{"labels":{"node-role.kubernetes.io/a":""}}})", "{}"), "");
  EXPECT_EQ(refused("nodes", "n1", "{}",
                    R"({"metadata":{"labels":{"kubernetes.io/hostname":"n1","example.com/x":"1","plain":"",
                        "node.kubernetes.io/z":"1","notkubernetes.io/a":"1"}}})"),
            "");
}

TEST_F(RestrictionTest, PodsThatAreBoundToIt) {
  constexpr auto kMine = R"({"spec":{"nodeName":"n1"}})", kOther = R"({"spec":{"nodeName":"n2"}})";
  EXPECT_EQ(refused("pods", "a", kMine, kMine, "status"), "");
  EXPECT_EQ(
      refused("pods", "a", kOther, kOther, "status"),
      R"(pods "a" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself)");
  EXPECT_NE(
      refused("pods", "a", kMine, R"({"metadata":{"labels":{"a":"b"}},"spec":{"nodeName":"n1"}})", "status"),
      "");
  EXPECT_EQ(refused("pods", "a", kMine, ""), "");
  EXPECT_EQ(refused("pods", "a", kOther, ""),
            R"(pods "a" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself)");
  EXPECT_EQ(
      refused("pods", "a", kMine, kMine),
      R"(pods "a" is forbidden: unexpected operation "UPDATE", node "n1" can only create and delete mirror pods)");
  EXPECT_EQ(refused("pods", "mine", "", "{}", "eviction"), "");
  EXPECT_NE(refused("pods", "other", "", "{}", "eviction"), "");
  EXPECT_EQ(refused("pods", "none", "", "{}", "eviction"), R"(pods "none" not found)");
  EXPECT_NE(refused("pods", "a", "", "{}", "binding"), "");
}

TEST_F(RestrictionTest, MirrorPods) {
  EXPECT_EQ(
      refused("pods", "a", "", R"({"spec":{"nodeName":"n1"}})"),
      R"(pods "a" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods)");
  const auto mirror = [](std::string_view owner, std::string_view spec) {
    return R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[)" +
           std::string(owner) + R"(]},"spec":{)" + std::string(spec) + "}}";
  };
  constexpr auto kOwner = R"({"apiVersion":"v1","kind":"Node","name":"n1","uid":"u-n1","controller":true})";
  EXPECT_EQ(refused("pods", "a", "", mirror(kOwner, R"("nodeName":"n1")")), "");
  EXPECT_NE(refused("pods", "a", "", mirror(kOwner, R"("nodeName":"n2")")), "");
  EXPECT_NE(refused("pods", "a", "", mirror("", R"("nodeName":"n1")")), "");
  EXPECT_NE(refused("pods", "a", "", mirror(std::string(kOwner) + "," + kOwner, R"("nodeName":"n1")")), "");
  EXPECT_EQ(refused("pods", "a", "",
                    mirror(R"({"apiVersion":"v1","kind":"Node","name":"n1","uid":"old","controller":true})",
                           R"("nodeName":"n1")")),
            R"(pods "a" is forbidden: node n1 UID mismatch: expected old got u-n1)");
  EXPECT_NE(refused("pods", "a", "", mirror(kOwner, R"("nodeName":"n1","serviceAccountName":"default")")),
            "");
  EXPECT_EQ(refused("pods", "a", "",
                    mirror(kOwner, R"("nodeName":"n1","volumes":[{"secret":{"secretName":"s"}}])")),
            R"(pods "a" is forbidden: node "n1" can not create pods that reference secrets)");
}

TEST_F(RestrictionTest, AddressBlocks) {
  constexpr auto kMine = R"({"spec":{"cidr":"10.244.0.0/26","nodeName":"n1"}})",
                 kOther = R"({"spec":{"cidr":"10.244.0.0/26","nodeName":"n2"}})";
  EXPECT_EQ(refused("addressblocks", "a", "", kMine), "");
  EXPECT_EQ(refused("addressblocks", "a", kMine, ""), "");
  EXPECT_EQ(
      refused("addressblocks", "a", "", kOther),
      R"(addressblocks.podwire.io "a" is forbidden: node "n1" can only write blocks with spec.nodeName set to itself)");
  EXPECT_NE(refused("addressblocks", "a", kOther, ""), "");
  EXPECT_NE(refused("addressblocks", "a", kOther, kMine), "");
}

TEST_F(RestrictionTest, LeasesAndTokens) {
  EXPECT_EQ(refused("leases", "n1", "", "{}", "", "kube-node-lease"), "");
  EXPECT_NE(refused("leases", "n2", "", "{}", "", "kube-node-lease"), "");
  EXPECT_NE(refused("leases", "n1", "", "{}", "", "default"), "");
  const auto bound = [](std::string_view ref) {
    return R"({"spec":{"boundObjectRef":)" + std::string(ref) + "}}";
  };
  const auto token = [&](const std::string& body) {
    return refused("serviceaccounts", "web", "", body, "token");
  };
  EXPECT_EQ(token(bound(R"({"apiVersion":"v1","kind":"Pod","name":"mine","uid":"u-1"})")), "");
  EXPECT_EQ(token("{}"), R"(serviceaccounts "web" is forbidden: node requested token not bound to a pod)");
  EXPECT_EQ(token(bound(R"({"apiVersion":"v1","kind":"Pod","name":"mine"})")),
            R"(serviceaccounts "web" is forbidden: node requested token with a pod binding without a uid)");
  EXPECT_NE(token(bound(R"({"apiVersion":"v1","kind":"Pod","name":"mine","uid":"old"})")), "");
  EXPECT_EQ(
      token(bound(R"({"apiVersion":"v1","kind":"Pod","name":"other","uid":"u-2"})")),
      R"(serviceaccounts "web" is forbidden: node requested token bound to a pod scheduled on a different node)");
}

}  // namespace
}  // namespace podwire::server
