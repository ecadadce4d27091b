#include "kube/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

namespace podwire::kube {
namespace {

const Message& message(std::string_view name) {
  const auto* found = Schema::builtin().message(name);
  EXPECT_NE(found, nullptr) << name;
  static const Message none;
  return found != nullptr ? *found : none;
}

const Field& field(std::string_view type, std::string_view name) {
  const auto* found = message(type).field(name);
  EXPECT_NE(found, nullptr) << type << " " << name;
  static const Field none;
  return found != nullptr ? *found : none;
}

TEST(Schema, EveryKindThatPodwireServes) {
  const auto& s = Schema::builtin();
  for (const auto& [group, plural, kind] : std::vector<std::array<std::string_view, 3>>{
           {"", "pods", "Pod"},
           {"", "services", "Service"},
           {"", "endpoints", "Endpoints"},
           {"", "nodes", "Node"},
           {"", "namespaces", "Namespace"},
           {"", "configmaps", "ConfigMap"},
           {"", "secrets", "Secret"},
           {"", "serviceaccounts", "ServiceAccount"},
           {"", "events", "Event"},
           {"apps", "deployments", "Deployment"},
           {"apps", "replicasets", "ReplicaSet"},
           {"apps", "daemonsets", "DaemonSet"},
           {"discovery.k8s.io", "endpointslices", "EndpointSlice"},
           {"networking.k8s.io", "networkpolicies", "NetworkPolicy"},
           {"networking.k8s.io", "servicecidrs", "ServiceCIDR"},
           {"networking.k8s.io", "ipaddresses", "IPAddress"},
           {"coordination.k8s.io", "leases", "Lease"},
           {"events.k8s.io", "events", "Event"},
           {"rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"}}) {
    const auto* r = s.resource(group, "v1", plural);
    ASSERT_NE(r, nullptr) << plural;
    EXPECT_EQ(r->kind, kind);
    EXPECT_TRUE(r->stored);
    EXPECT_EQ(s.kind(r->api_version(), kind), r);
    EXPECT_NE(r->message->field("metadata"), nullptr) << plural;
    EXPECT_NE(r->message->field("apiVersion"), nullptr) << plural;
  }
  ASSERT_NE(s.resource("podwire.io", "v1alpha1", "addressblocks"), nullptr);
  EXPECT_FALSE(s.kind("authorization.k8s.io/v1", "SelfSubjectAccessReview")->stored);
  EXPECT_EQ(s.kind("v1", "Nonsense"), nullptr);
}

TEST(Schema, WhatIsKnownOfWellKnownFields) {
  const auto& ports = field("io.k8s.api.core.v1.ServiceSpec", "ports");
  EXPECT_EQ(ports.list_keys, (std::vector<std::string>{"port", "protocol"}));
  EXPECT_EQ(ports.patch_key, "port");
  EXPECT_EQ(ports.merge, Merge::keyed);
  const auto& replicas = field("io.k8s.api.apps.v1.DeploymentSpec", "replicas");
  EXPECT_TRUE(replicas.pointer);
  EXPECT_EQ(replicas.default_value, boost::json::value(1));
  const auto& containers = field("io.k8s.api.core.v1.PodSpec", "containers");
  EXPECT_EQ(containers.patch_key, "name");
  EXPECT_TRUE(containers.required);
  EXPECT_FALSE(containers.description.empty());
  EXPECT_TRUE(field("io.k8s.api.core.v1.PodSpec", "volumes").retain_keys);
  EXPECT_TRUE(field("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "finalizers").patch_merge_set);
  EXPECT_EQ(field("io.k8s.api.core.v1.PodSpec", "tolerations").merge, Merge::atomic);
}

TEST(Schema, InlinedFieldsAreFound) {
  EXPECT_EQ(field("io.k8s.api.core.v1.Volume", "emptyDir").number, 2U);
  EXPECT_EQ(field("io.k8s.api.core.v1.EphemeralContainer", "image").number, 2U);
}

TEST(Schema, IsWhole) {
  for (const auto& m : Schema::builtin().messages()) {
    std::set<std::uint32_t> numbers;
    std::set<std::string> names;
    for (const auto& f : m.fields) {
      EXPECT_TRUE(f.number == 0 || numbers.insert(f.number).second) << m.name << " " << f.name;
      EXPECT_TRUE(names.insert(f.name).second) << m.name << " " << f.name;
      EXPECT_EQ(f.type.kind == Type::Kind::message, f.type.message != nullptr) << m.name << " " << f.name;
      for (const auto& key : f.list_keys) {
        ASSERT_NE(f.type.message, nullptr) << m.name << " " << f.name;
        EXPECT_NE(f.type.message->field(key), nullptr) << m.name << " " << f.name << " " << key;
      }
      if (!f.patch_key.empty()) {
        ASSERT_NE(f.type.message, nullptr) << m.name << " " << f.name;
        EXPECT_NE(f.type.message->field(f.patch_key), nullptr) << m.name << " " << f.name;
      }
      if (!f.default_value) continue;
      const auto kind = f.type.kind;
      EXPECT_EQ(f.default_value->is_string(), kind == Type::Kind::string) << m.name << " " << f.name;
      EXPECT_EQ(f.default_value->is_bool(), kind == Type::Kind::boolean) << m.name << " " << f.name;
      EXPECT_EQ(f.default_value->is_object(), kind == Type::Kind::message) << m.name << " " << f.name;
    }
  }
}

/// What "kubectl explain" prints must say something: a sentence, of a few words at least.
void expect_sentence(const std::string& text, const std::string& of_what) {
  constexpr int kFewWords = 3;
  EXPECT_GE(std::ranges::count(text, ' ') + 1, kFewWords) << of_what << ": \"" << text << '"';
  EXPECT_TRUE(text.ends_with('.')) << of_what << ": \"" << text << '"';
}

TEST(Schema, EveryMessageAndFieldIsDescribed) {
  for (const auto& m : Schema::builtin().messages()) {
    expect_sentence(m.description, m.name);
    for (const auto& f : m.fields) expect_sentence(f.description, m.name + " " + f.name);
  }
}

TEST(Schema, DefaultsAreAmongTheValuesOfAnEnumeration) {
  for (const auto& m : Schema::builtin().messages()) {
    for (const auto& f : m.fields) {
      if (!f.default_value || f.values.empty()) continue;
      const std::string value(f.default_value->as_string());
      EXPECT_NE(std::ranges::find(f.values, value), f.values.end()) << m.name << " " << f.name;
    }
  }
}

void refused(std::string_view text, std::string_view words) {
  const auto parsed = Schema::parse(text);
  ASSERT_FALSE(parsed.has_value()) << text;
  EXPECT_NE(parsed.error().message().find(words), std::string::npos) << parsed.error().message();
}

TEST(SchemaText, MistakesAreNamedWithTheirLine) {
  refused("type A", "line 1: expected: type NAME");
  refused("package p\n  1 a string", "line 2: a field stands below a type");
  refused("package p\ntype A\n  x a string", "line 3: expected: NUMBER NAME");
  refused("package p\ntype A\n  1 a Nonsense", "line 3: Nonsense is no type");
  refused("package p\ntype A\n  1 a string\n  1 b string", "line 4: p.A has b (number 1) twice");
  refused("package p\ntype A\n  1 a string shiny", "line 3: a field has no flag shiny");
  refused("package p\ntype A\n  1 a string default=x", "line 3: x is no JSON");
  refused("package p\ntype A\ntype A", "line 3: p.A is there twice");
  refused("package p\ngroup g v1\nkind A as", "line 3: kind A has no type");
  refused("package p\nkind A as", "line 2: expected: kind KIND PLURAL");
}

}  // namespace
}  // namespace podwire::kube
