#pragma once
#include "pki/key.h"
#include "server/access.h"
#include "server/policy.h"
#include "server/registry_testing.h"

namespace podwire::server {

/// A registry, and who may do what in it.
class AccessTest : public RegistryTest {
 protected:
  AccessTest() {
    access_.emplace(*store_, world_, *AccountTokens::of_key(*pki::make_key()), TokenFile());
    EXPECT_TRUE(wait(ensure_policy(*registry_)).has_value());
    EXPECT_TRUE(create("Node", R"({"metadata":{"name":"n1"}})", "").has_value());
    EXPECT_TRUE(create("ServiceAccount", R"({"metadata":{"name":"web"}})").has_value());
    EXPECT_TRUE(create("Pod",
                       R"({"metadata":{"name":"web-0"},"spec":{"nodeName":"n1","serviceAccountName":"web",
                           "containers":[{"name":"c","image":"i"}]}})")
                    .has_value());
  }
  [[nodiscard]] std::string uid_of(std::string_view kind, const std::string& name,
                                   const std::string& ns = "default") {
    return std::string(kube::text_in(*get(kind, name, ns), "metadata", "uid"));
  }
  static const kube::Resource& rbac(std::string_view kind) {
    return *kube::Schema::builtin().kind("rbac.authorization.k8s.io/v1", kind);
  }
  std::optional<Access> access_;
};

}  // namespace podwire::server
