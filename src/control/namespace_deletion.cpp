#include "control/namespace_deletion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace podwire::control {

namespace {

constexpr std::string_view kFinalizer = "kubernetes";

/// "pods. has 2 resource instances": the resource, a dot and its group, as people know it from Kubernetes.
std::string dotted(const std::string& resource) {
  return resource.find('.') == std::string::npos ? resource + "." : resource;
}

kube::Condition content_condition(const NamespaceView& view) {
  std::map<std::string, int> count;
  for (const auto* content : view.content) ++count[dotted(content->resource)];
  if (count.empty())
    return {"NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed"};
  std::vector<std::string> parts;
  parts.reserve(count.size());
  for (const auto& [resource, n] : count)
    parts.push_back(fmt::format("{} has {} resource instances", resource, n));
  return {"NamespaceContentRemaining", "True", "SomeResourcesRemain",
          fmt::format("Some resources are remaining: {}", fmt::join(parts, ", "))};
}

kube::Condition finalizer_condition(const NamespaceView& view) {
  std::map<std::string, int> count;
  for (const auto* content : view.content)
    for (const auto& finalizer : content->meta.finalizers) ++count[finalizer];
  if (count.empty())
    return {"NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers",
            "All content-preserving finalizers finished"};
  std::vector<std::string> parts;
  parts.reserve(count.size());
  for (const auto& [finalizer, n] : count)
    parts.push_back(fmt::format("{} in {} resource instances", finalizer, n));
  return {"NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
          fmt::format("Some content in the namespace has finalizers remaining: {}", fmt::join(parts, ", "))};
}

void put(std::vector<kube::Condition>& conditions, kube::Condition wanted, kube::Time now) {
  const auto at = std::ranges::find(conditions, wanted.type, &kube::Condition::type);
  wanted.transition = now;
  if (at == conditions.end()) {
    conditions.push_back(std::move(wanted));
  } else if (at->status != wanted.status || at->reason != wanted.reason || at->message != wanted.message) {
    if (at->status == wanted.status) wanted.transition = at->transition;
    *at = std::move(wanted);
  }
}

void write_status(const NamespaceView& view, Actions& actions) {
  auto conditions = view.ns.conditions;
  put(conditions,
      {"NamespaceDeletionContentFailure", "False", "ContentDeleted",
       "All content successfully deleted, may be waiting on finalization"},
      view.now);
  put(conditions, content_condition(view), view.now);
  put(conditions, finalizer_condition(view), view.now);
  if (conditions == view.ns.conditions && view.ns.phase == "Terminating") return;
  json::object merge{{"metadata", {{"uid", view.ns.meta.uid}}},
                     {"status", {{"phase", "Terminating"}, {"conditions", kube::to_json(conditions)}}}};
  actions.emplace_back(Patch{"namespaces", "", view.ns.meta.name, "status", std::move(merge)});
}

void finalize(const kube::Namespace& ns, Actions& actions) {
  if (std::ranges::find(ns.finalizers, kFinalizer) == ns.finalizers.end()) return;
  auto merge = patch_of(ns.meta);
  auto& left = merge["spec"].emplace_object()["finalizers"].emplace_array();
  for (const auto& finalizer : ns.finalizers)
    if (finalizer != kFinalizer) left.emplace_back(finalizer);
  actions.emplace_back(Patch{"namespaces", "", ns.meta.name, "finalize", std::move(merge)});
}

}  // namespace

Actions reconcile_namespace(const NamespaceView& view) {
  if (!view.ns.meta.deleted) return {};
  Actions actions;
  if (view.content.empty()) {
    finalize(view.ns, actions);
    return actions;
  }
  for (const auto* content : view.content)
    if (!content->meta.deleted)
      actions.emplace_back(
          Delete{content->resource, content->meta.namespace_, content->meta.name, content->meta.uid, {}});
  write_status(view, actions);
  return actions;
}

}  // namespace podwire::control
