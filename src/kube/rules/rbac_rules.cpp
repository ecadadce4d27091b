#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

void check_policy_rules(const FieldCursor& object, bool namespaced) {
  object["rules"].each([&](const FieldCursor& rule) {
    if (rule["verbs"].empty()) rule["verbs"].required("verbs must contain at least one value");
    const auto urls = rule["nonResourceURLs"], groups = rule["apiGroups"], resources = rule["resources"],
               names = rule["resourceNames"];
    if (!urls.empty()) {
      if (namespaced) urls.invalid("namespaced rules cannot apply to non-resource URLs");
      if (!groups.empty() || !resources.empty() || !names.empty())
        urls.invalid("rules cannot apply to both regular resources and non-resource URLs");
      return;
    }
    if (groups.empty()) groups.required("resource rules must supply at least one api group");
    if (resources.empty()) resources.required("resource rules must supply at least one resource");
  });
}

void check_subject(const FieldCursor& subject, bool namespaced) {
  const auto name = subject["name"], group = subject["apiGroup"], kind = subject["kind"];
  if (name.empty()) name.required();
  if (kind.text() == "ServiceAccount") {
    if (!name.empty()) check(name, dns1123_subdomain(name.text()));
    if (!group.empty()) group.not_supported({""});
    if (!namespaced && subject["namespace"].empty()) subject["namespace"].required();
  } else if (kind.text() == "User" || kind.text() == "Group") {
    if (name.empty())
      name.invalid(kind.text() == "User" ? "user name cannot be empty" : "group name cannot be empty");
    if (group.text() != kGroup) group.not_supported({kGroup});
  } else {
    kind.not_supported({"ServiceAccount", "User", "Group"});
  }
}

void check_binding(const FieldCursor& object, const CheckContext& context, bool namespaced) {
  const auto ref = object["roleRef"];
  if (ref["apiGroup"].text() != kGroup) ref["apiGroup"].not_supported({kGroup});
  const auto kind = ref["kind"];
  if (namespaced && kind.text() != "Role" && kind.text() != "ClusterRole")
    kind.not_supported({"Role", "ClusterRole"});
  if (!namespaced && kind.text() != "ClusterRole") kind.not_supported({"ClusterRole"});
  check_reference(ref["name"], path_segment);
  object["subjects"].each([&](const FieldCursor& subject) { check_subject(subject, namespaced); });
  if (context.old != nullptr && !same(ref.value(), context.old->if_contains("roleRef")))
    ref.invalid("cannot change roleRef");
}

}  // namespace

void fill_role_binding(json::object& object) {
  auto& ref = object_at(object, "roleRef");
  if (text_in(ref, "apiGroup").empty()) ref["apiGroup"] = kGroup;
  auto* subjects = object.if_contains("subjects");
  if (subjects == nullptr || !subjects->is_array()) return;
  for (auto& item : subjects->get_array()) {
    auto* subject = item.if_object();
    if (subject == nullptr || !text_in(*subject, "apiGroup").empty()) continue;
    if (const auto kind = text_in(*subject, "kind"); kind == "User" || kind == "Group")
      (*subject)["apiGroup"] = kGroup;
  }
}

void check_role(const FieldCursor& object, const CheckContext&) { check_policy_rules(object, true); }

void check_cluster_role(const FieldCursor& object, const CheckContext&) {
  check_policy_rules(object, false);
  const auto aggregation = object["aggregationRule"];
  if (!aggregation.present()) return;
  const auto selectors = aggregation["clusterRoleSelectors"];
  if (selectors.empty())
    selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
  selectors.each(check_label_selector);
}

void check_role_binding(const FieldCursor& object, const CheckContext& context) {
  check_binding(object, context, true);
}

void check_cluster_role_binding(const FieldCursor& object, const CheckContext& context) {
  check_binding(object, context, false);
}

}  // namespace podwire::kube
