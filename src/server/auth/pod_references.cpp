#include "server/auth/pod_references.h"

#include "kube/json.h"

namespace podwire::server {
namespace {

using kube::array_in;
using kube::text_in;
using Visit = std::function<void(std::string_view resource, std::string_view name)>;

template <class F>
void each(const json::object& object, std::string_view key, F&& visit) {
  if (const auto* list = array_in(object, key))
    for (const auto& item : *list)
      if (const auto* one = item.if_object()) visit(*one);
}

void visit_if(const Visit& visit, std::string_view resource, std::string_view name) {
  if (!name.empty()) visit(resource, name);
}

void visit_container(const json::object& container, const Visit& visit) {
  each(container, "envFrom", [&](const json::object& from) {
    visit_if(visit, "secrets", text_in(from, "secretRef", "name"));
    visit_if(visit, "configmaps", text_in(from, "configMapRef", "name"));
  });
  each(container, "env", [&](const json::object& variable) {
    visit_if(visit, "secrets", text_in(variable, "valueFrom", "secretKeyRef", "name"));
    visit_if(visit, "configmaps", text_in(variable, "valueFrom", "configMapKeyRef", "name"));
  });
}

void visit_volume(const json::object& volume, const Visit& visit) {
  visit_if(visit, "secrets", text_in(volume, "secret", "secretName"));
  visit_if(visit, "configmaps", text_in(volume, "configMap", "name"));
  visit_if(visit, "persistentvolumeclaims", text_in(volume, "persistentVolumeClaim", "claimName"));
  if (const auto* projected = kube::object_in(volume, "projected"))
    each(*projected, "sources", [&](const json::object& source) {
      visit_if(visit, "secrets", text_in(source, "secret", "name"));
      visit_if(visit, "configmaps", text_in(source, "configMap", "name"));
    });
}

}  // namespace

void for_each_reference(const json::object& pod, const Visit& visit) {
  const auto* spec = kube::object_in(pod, "spec");
  if (spec == nullptr) return;
  for (const char* containers : {"containers", "initContainers", "ephemeralContainers"})
    each(*spec, containers, [&](const json::object& one) { visit_container(one, visit); });
  each(*spec, "volumes", [&](const json::object& one) { visit_volume(one, visit); });
  each(*spec, "imagePullSecrets",
       [&](const json::object& one) { visit_if(visit, "secrets", text_in(one, "name")); });
}

bool is_mirror(const json::object& pod) {
  const auto* annotations = kube::object_in(pod, "metadata", "annotations");
  return annotations != nullptr && annotations->contains(kMirrorAnnotation);
}

}  // namespace podwire::server
