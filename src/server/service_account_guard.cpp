#include "server/service_account_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "server/default_tolerations.h"

namespace podwire::server {
namespace {

using kube::text_in;

constexpr std::string_view kMirror = "kubernetes.io/config.mirror";
constexpr std::string_view kVolume = "kube-api-access-";
constexpr std::string_view kMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/// An hour, and seven seconds by which it can be told from what somebody asked for.
constexpr std::int64_t kTokenSeconds = 3607;
constexpr std::int64_t kFileMode = 0644;

std::optional<bool> flag_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

json::array& array_at(json::object& object, std::string_view name) {
  auto& value = object[name];
  return value.is_array() ? value.get_array() : value.emplace_array();
}

json::object api_access(const std::string& name) {
  json::object token{{"expirationSeconds", kTokenSeconds}, {"path", "token"}};
  json::object ca{{"name", "kube-root-ca.crt"},
                  {"items", json::array{json::object{{"key", "ca.crt"}, {"path", "ca.crt"}}}}};
  json::object field{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
  json::object ns{
      {"items", json::array{json::object{{"path", "namespace"}, {"fieldRef", std::move(field)}}}}};
  json::array sources{json::object{{"serviceAccountToken", std::move(token)}},
                      json::object{{"configMap", std::move(ca)}},
                      json::object{{"downwardAPI", std::move(ns)}}};
  json::object projected{{"defaultMode", kFileMode}, {"sources", std::move(sources)}};
  return {{"name", name}, {"projected", std::move(projected)}};
}

/// Mounts the volume in the containers of that list. False: each has something else in its place.
bool mount(json::object& spec, std::string_view list, const std::string& volume) {
  auto* containers = spec.if_contains(list);
  if (containers == nullptr || !containers->is_array()) return false;
  bool mounted = false;
  for (auto& container : containers->get_array()) {
    if (!container.is_object()) continue;  // the kind's rules have a word for it
    auto& mounts = array_at(container.get_object(), "volumeMounts");
    const bool taken = std::ranges::any_of(mounts, [](const json::value& m) {
      return m.is_object() && text_in(m.get_object(), "mountPath") == kMountPath;
    });
    if (taken) continue;
    mounts.push_back(json::object{{"name", volume}, {"readOnly", true}, {"mountPath", kMountPath}});
    mounted = true;
  }
  return mounted;
}

void mount_token(json::object& spec, std::string_view suffix) {
  std::string name = fmt::format("{}{}", kVolume, suffix);
  bool there = false;
  if (const auto* volumes = spec.if_contains("volumes"); volumes != nullptr && volumes->is_array())
    for (const auto& volume : volumes->get_array()) {
      if (!volume.is_object() || !text_in(volume.get_object(), "name").starts_with(kVolume)) continue;
      name = text_in(volume.get_object(), "name");
      there = true;
      break;
    }
  const bool in_init = mount(spec, "initContainers", name);
  const bool in_containers = mount(spec, "containers", name);
  if (!there && (in_init || in_containers)) array_at(spec, "volumes").push_back(api_access(name));
}

class ServiceAccountGuard : public Guard {
 public:
  explicit ServiceAccountGuard(Registry& registry) : registry_(registry) {}

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>&,
                            bool) override {
    if (old != nullptr || object == nullptr) return Taken();
    const auto* annotations = kube::object_in(*object, "metadata", "annotations");
    if (annotations != nullptr && annotations->contains(kMirror)) return Taken();
    auto& spec = kube::object_at(*object, "spec");
    add_default_tolerations(spec);
    if (text_in(spec, "serviceAccountName").empty()) {
      spec["serviceAccountName"] = "default";
      spec["serviceAccount"] = "default";
    }
    const std::string ns(text_in(*object, "metadata", "namespace"));
    const std::string name(text_in(spec, "serviceAccountName"));
    const auto account = registry_.store().get({"serviceaccounts", ns, name});
    if (!account)
      return kube::forbidden(
          {"", "pods"}, text_in(*object, "metadata", "name"),
          fmt::format(R"(error looking up service account {}/{}: serviceaccount "{}" not found)", ns, name,
                      name));
    const auto parsed = parse_stored(*account);
    const bool wanted = flag_in(spec, "automountServiceAccountToken")
                            .value_or(flag_in(parsed, "automountServiceAccountToken").value_or(true));
    if (wanted) mount_token(spec, registry_.world().moment().name_suffix);
    const auto* secrets = parsed.if_contains("imagePullSecrets");
    auto& own = spec["imagePullSecrets"];
    if (secrets != nullptr && (!own.is_array() || own.get_array().empty())) own = *secrets;
    if (own.is_null()) spec.erase("imagePullSecrets");
    return Taken();
  }

 private:
  Registry& registry_;
};

}  // namespace

std::shared_ptr<Guard> service_account_guard(Registry& registry) {
  return std::make_shared<ServiceAccountGuard>(registry);
}

}  // namespace podwire::server
