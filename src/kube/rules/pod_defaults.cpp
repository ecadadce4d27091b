#include <algorithm>
#include <array>

#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"
#include "kube/rules/resource_list.h"

namespace podwire::kube {
namespace {

/// Calls `change(object)` for each object of the list.
template <class Change>
void each_object(json::object& owner, std::string_view key, Change&& change) {
  auto* list = owner.if_contains(key);
  if (list == nullptr || !list->is_array()) return;
  for (auto& item : list->get_array())
    if (auto* object = item.if_object()) change(*object);
}

json::object* child(json::object& owner, std::string_view key) {
  auto* value = owner.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

void set_if_empty(json::object& object, std::string_view key, std::string_view value) {
  if (same(object.if_contains(key), nullptr)) object[key] = value;
}

bool is_zero(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr || value->is_null() || (value->is_int64() && value->get_int64() == 0);
}

/// The newest image is looked for each time, a named one is fetched once. No tag means "latest"; a digest is
/// not a tag.
std::string_view pull_policy(std::string_view image) {
  const bool digest = image.contains('@');
  image = image.substr(0, image.find('@'));
  const auto last = image.substr(image.rfind('/') + 1);
  const auto colon = last.find(':');
  if (colon == std::string_view::npos) return digest ? "IfNotPresent" : "Always";
  return last.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

void fill_probe(json::object& probe) {
  constexpr std::pair<std::string_view, int> kNumbers[] = {
      {"timeoutSeconds", 1}, {"periodSeconds", 10}, {"successThreshold", 1}, {"failureThreshold", 3}};
  for (const auto& [key, number] : kNumbers)
    if (is_zero(probe, key)) probe[key] = number;
}

void fill_http_get(json::object& owner) {
  if (auto* http = child(owner, "httpGet")) {
    set_if_empty(*http, "path", "/");
    set_if_empty(*http, "scheme", "HTTP");
  }
}

void fill_container(json::object& container) {
  set_if_empty(container, "imagePullPolicy", pull_policy(text_in(container, "image")));
  if (!container.contains("resources")) container["resources"] = json::object();
  canonicalize_resources(container);
  for (const std::string_view key : {"livenessProbe", "readinessProbe", "startupProbe"})
    if (auto* probe = child(container, key)) {
      fill_probe(*probe);
      fill_http_get(*probe);
    }
  if (auto* lifecycle = child(container, "lifecycle"))
    for (const std::string_view key : {"postStart", "preStop"})
      if (auto* hook = child(*lifecycle, key)) fill_http_get(*hook);
}

void fill_volume(json::object& volume) {
  if (volume.size() == 1 && volume.contains("name")) volume["emptyDir"] = json::object();
  if (auto* host = child(volume, "hostPath"); host != nullptr && !host->contains("type"))
    (*host)["type"] = "";
  if (auto* image = child(volume, "image"))
    set_if_empty(*image, "pullPolicy", pull_policy(text_in(*image, "reference")));
}

void fill_host_ports(json::object& container) {
  each_object(container, "ports", [](json::object& port) {
    if (is_zero(port, "hostPort") && !is_zero(port, "containerPort"))
      port["hostPort"] = json::value(port["containerPort"]);
  });
}

/// The older of two fields for the same thing follows the newer, and the other way round where only the older
/// one is set.
void fill_account(json::object& spec) {
  const std::string name(text_in(spec, "serviceAccountName")), older(text_in(spec, "serviceAccount"));
  if (!name.empty())
    spec["serviceAccount"] = name;
  else if (!older.empty())
    spec["serviceAccountName"] = older;
}

/// podIP is podIPs[0]; where they differ, podIP counts.
void fill_pod_ips(json::object& status) {
  const std::string ip(text_in(status, "podIP"));
  const auto* list = array_in(status, "podIPs");
  const bool listed = list != nullptr && !list->empty() && list->front().is_object();
  const std::string first(listed ? text_in(list->front().get_object(), "ip") : std::string_view());
  if (!ip.empty() && ip != first)
    status["podIPs"] = json::array{json::object{{"ip", ip}}};
  else if (ip.empty() && !first.empty())
    status["podIP"] = first;
}

}  // namespace

void fill_pod_spec(json::object& spec, PodUse use) {
  set_if_empty(spec, "restartPolicy", "Always");
  set_if_empty(spec, "dnsPolicy", "ClusterFirst");
  set_if_empty(spec, "schedulerName", "default-scheduler");
  if (!spec.contains("terminationGracePeriodSeconds")) spec["terminationGracePeriodSeconds"] = 30;
  if (!spec.contains("securityContext")) spec["securityContext"] = json::object();
  fill_account(spec);
  canonicalize_resources(spec);
  for (const std::string_view key : {"containers", "initContainers", "ephemeralContainers"})
    each_object(spec, key, fill_container);
  each_object(spec, "volumes", fill_volume);
  const auto* host_network = spec.if_contains("hostNetwork");
  const bool on_host = host_network != nullptr && host_network->is_bool() && host_network->get_bool();
  if (use != PodUse::pod) return;
  for (const std::string_view key : {"containers", "initContainers"})
    each_object(spec, key, [&](json::object& container) {
      fill_requests(container);
      if (on_host) fill_host_ports(container);
    });
}

void fill_pod(json::object& object) {
  auto& spec = object_at(object, "spec");
  fill_pod_spec(spec, PodUse::pod);
  if (!spec.contains("enableServiceLinks")) spec["enableServiceLinks"] = true;
  if (auto* status = child(object, "status")) fill_pod_ips(*status);
}

void start_pod(json::object& object) {
  const auto& spec = object_at(object, "spec");
  json::object status{{"phase", "Pending"}, {"qosClass", qos_class(spec)}};
  if (const auto* gates = array_in(spec, "schedulingGates"); gates != nullptr && !gates->empty())
    status["conditions"] = {{{"type", "PodScheduled"},
                             {"status", "False"},
                             {"reason", "SchedulingGated"},
                             {"message", "Scheduling is blocked due to non-empty scheduling gates"}}};
  object["status"] = std::move(status);
}

std::string_view qos_class(const json::object& spec) {
  bool any = false, all = true;
  for (const std::string_view key : {"containers", "initContainers"}) {
    const auto* list = array_in(spec, key);
    if (list == nullptr) continue;
    for (const auto& item : *list) {
      const auto* container = item.if_object();
      if (container == nullptr) continue;
      for (const std::string_view resource : {"cpu", "memory"}) {
        const auto request = text_in(*container, "resources", "requests", resource);
        const auto limit = text_in(*container, "resources", "limits", resource);
        const auto asked = [](std::string_view amount) { return !amount.empty() && amount != "0"; };
        any = any || asked(request) || asked(limit);
        all = all && asked(limit) && (request.empty() || request == limit);
      }
    }
  }
  return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

}  // namespace podwire::kube
