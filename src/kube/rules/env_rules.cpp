#include <algorithm>

#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

void check_key_ref(const FieldCursor& ref) {
  check(ref["name"], dns1123_subdomain(ref["name"].text()));
  if (ref["key"].empty())
    ref["key"].required();
  else
    check(ref["key"], config_key(ref["key"].text()));
}

void check_resource_ref(const FieldCursor& ref) {
  const auto resource = ref["resource"];
  if (resource.empty()) return resource.required();
  const auto text = resource.text();
  if (text.starts_with("limits.hugepages-") || text.starts_with("requests.hugepages-")) return;
  check_one_of(resource, {"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
                          "requests.ephemeral-storage", "requests.memory"});
}

void check_value_from(const FieldCursor& variable) {
  const auto from = variable["valueFrom"];
  if (!from.present()) return;
  int sources = 0;
  const auto source = [&](std::string_view key, auto&& check_source) {
    if (!from[key].present()) return;
    ++sources;
    check_source(from[key]);
  };
  source("fieldRef", [](const FieldCursor& ref) {
    check_field_ref(
        ref, {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
              "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"});
  });
  source("resourceFieldRef", check_resource_ref);
  source("configMapKeyRef", check_key_ref);
  source("secretKeyRef", check_key_ref);
  source("fileKeyRef", [](const FieldCursor&) {});
  if (sources == 0)
    from.invalid("\"\"",
                 "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
  else if (!variable["value"].empty())
    from.invalid("\"\"", "may not be specified when `value` is not empty");
  else if (sources > 1)
    from.invalid("\"\"", "may not have more than one field specified at a time");
}

}  // namespace

void check_field_ref(const FieldCursor& ref, std::initializer_list<std::string_view> allowed) {
  const auto path = ref["fieldPath"];
  if (path.empty()) return path.required();
  const auto text = path.text();
  const auto bracket = text.find("['");
  if (bracket == std::string_view::npos) return check_one_of(path, allowed);
  const auto field = text.substr(0, bracket);
  if ((field != "metadata.labels" && field != "metadata.annotations") || !text.ends_with("']"))
    return ref.invalid(quoted(field), "does not support subscript");
  const auto key = text.substr(bracket + 2, text.size() - bracket - 4);
  check(ref, key, qualified_name(key));
}

void check_env(const FieldCursor& container) {
  container["env"].each([](const FieldCursor& variable) {
    const auto name = variable["name"];
    if (name.empty())
      name.required();
    else
      check(name, env_var_name(name.text()));
    check_value_from(variable);
  });
  const auto env_from = container["envFrom"];
  env_from.each([&](const FieldCursor& source) {
    if (!source["prefix"].empty()) check(source["prefix"], env_var_name(source["prefix"].text()));
    const auto config = source["configMapRef"], secret = source["secretRef"];
    if (config.present()) check_reference(config["name"]);
    if (secret.present()) check_reference(secret["name"]);
    if (!config.present() && !secret.present())
      env_from.invalid("\"\"", "must specify one of: `configMapRef` or `secretRef`");
    else if (config.present() && secret.present())
      env_from.invalid("\"\"", "may not have more than one field specified at a time");
  });
}

}  // namespace podwire::kube
