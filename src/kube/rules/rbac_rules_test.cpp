#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kRoles = "roles.rbac.authorization.k8s.io",
                           kClusterRoles = "clusterroles.rbac.authorization.k8s.io",
                           kBindings = "rolebindings.rbac.authorization.k8s.io",
                           kClusterBindings = "clusterrolebindings.rbac.authorization.k8s.io";

constexpr std::string_view kRole =
    R"({"metadata":{"name":"system:reader","namespace":"default"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]})";
constexpr std::string_view kClusterRole =
    R"({"metadata":{"name":"system:reader"},"rules":[{"nonResourceURLs":["/healthz"],"verbs":["get"]}]})";

TEST(Role, Rules) {
  EXPECT_EQ(on_create(kRoles, kRole, {}), "accepted");
  EXPECT_EQ(on_create(kRoles, kRole, {{"/metadata/name", R"("a/b")"}}),
            R"(metadata.name: Invalid value: "a/b": may not contain '/')");
  EXPECT_EQ(on_create(kRoles, kRole, {{"/rules/0/verbs", "[]"}}),
            "rules[0].verbs: Required value: verbs must contain at least one value");
  EXPECT_EQ(on_create(kRoles, kRole, {{"/rules/0/apiGroups", "[]"}}),
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group");
  EXPECT_EQ(on_create(kRoles, kRole, {{"/rules/0/resources", ""}}),
            "rules[0].resources: Required value: resource rules must supply at least one resource");
  EXPECT_EQ(
      on_create(kRoles, kRole, {{"/rules/0", R"({"nonResourceURLs":["/x"],"verbs":["get"]})"}}),
      R"(rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs)");
}

TEST(ClusterRole, Rules) {
  EXPECT_EQ(on_create(kClusterRoles, kClusterRole, {}), "accepted");
  EXPECT_EQ(
      on_create(kClusterRoles, kClusterRole, {{"/rules/0/resources", R"(["pods"])"}}),
      R"(rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs)");
  EXPECT_EQ(on_create(kClusterRoles, kClusterRole, {{"/aggregationRule", "{}"}}),
            "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required "
            "if aggregationRule is non-nil");
}

constexpr std::string_view kBinding =
    R"({"metadata":{"name":"b","namespace":"default"},"roleRef":{"kind":"Role","name":"r"},
  "subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"default"}]})";

TEST(RoleBinding, Subjects) {
  EXPECT_EQ(on_create(kBindings, kBinding, {}), "accepted");
  EXPECT_EQ(on_create(kBindings, kBinding, {{"/roleRef/kind", R"("Group")"}}),
            R"(roleRef.kind: Unsupported value: "Group": supported values: "Role", "ClusterRole")");
  EXPECT_EQ(on_create(kBindings, kBinding, {{"/roleRef/name", ""}}), "roleRef.name: Required value");
  EXPECT_EQ(
      on_create(kBindings, kBinding, {{"/subjects/0/kind", R"("Robot")"}}),
      R"(subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group")");
  EXPECT_EQ(on_create(kBindings, kBinding, {{"/subjects/0/apiGroup", R"("x")"}}),
            R"(subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io")");
  EXPECT_EQ(on_update(kBindings, kBinding, {{"/subjects", "[]"}}), "accepted");
  EXPECT_EQ(
      on_update(kBindings, kBinding, {{"/roleRef/name", R"("s")"}}),
      R"(roleRef: Invalid value: {"kind":"Role","name":"s","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef)");
}

TEST(ClusterRoleBinding, Subjects) {
  constexpr std::string_view kGood = R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},
    "subjects":[{"kind":"ServiceAccount","name":"a","namespace":"n"},{"kind":"Group","name":"g"}]})";
  EXPECT_EQ(on_create(kClusterBindings, kGood, {}), "accepted");
  EXPECT_EQ(on_create(kClusterBindings, kGood, {{"/roleRef/kind", R"("Role")"}}),
            R"(roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole")");
  EXPECT_EQ(on_create(kClusterBindings, kGood, {{"/subjects/0/namespace", ""}}),
            "subjects[0].namespace: Required value");
}

}  // namespace
}  // namespace podwire::kube
