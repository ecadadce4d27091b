#include "kube/types/pod.h"

#include <algorithm>

namespace podwire::kube {

namespace {

void read(const Place& place, ContainerPort& into) {
  place.field("name", into.name);
  place.field("protocol", into.protocol);
  place.field("containerPort", into.container_port);
  place.field("hostPort", into.host_port);
  const auto* host = place.value().if_object();
  if (host != nullptr && !text_in(*host, "hostIP").empty()) place.field("hostIP", into.host_ip);
}

void read(const Place& place, Container& into) {
  place.field("name", into.name);
  place.field("restartPolicy", into.restart_policy);
  if (const auto ports = place.at("ports")) {
    if (const auto* list = ports->array())
      for (std::size_t i = 0; i < list->size(); ++i)
        read(ports->element((*list)[i], i), into.ports.emplace_back());
  }
  if (const auto resources = place.at("resources")) resources->field("requests", into.requests);
}

void read_containers(const Place& place, std::string_view key, std::vector<Container>& into) {
  const auto containers = place.at(key);
  const auto* list = containers ? containers->array() : nullptr;
  if (list == nullptr) return;
  into.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i)
    read(containers->element((*list)[i], i), into.emplace_back());
}

/// podIPs and hostIPs: [{"ip": "..."}]; older writers have only the one of them.
void read_ips(const Place& place, std::string_view list_key, std::string_view single_key,
              std::vector<IpAddr>& into) {
  if (const auto ips = place.at(list_key)) {
    const auto* list = ips->array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
      ips->element((*list)[i], i).field("ip", into.emplace_back());
  }
  const auto* status = place.value().if_object();
  if (into.empty() && status != nullptr && !text_in(*status, single_key).empty())
    place.field(single_key, into.emplace_back());
}

void read(const Place& place, PodStatus& into) {
  place.field("phase", into.phase);
  read_ips(place, "podIPs", "podIP", into.pod_ips);
  read_ips(place, "hostIPs", "hostIP", into.host_ips);
  place.field("conditions", into.conditions);
  if (const auto containers = place.at("containerStatuses")) {
    const auto* list = containers->array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      int restarts = 0;
      containers->element((*list)[i], i).field("restartCount", restarts);
      into.restarts = std::max(into.restarts, restarts);
    }
  }
}

void add(Amounts& to, const Amounts& more) {
  for (const auto& [name, amount] : more) {
    const auto at = std::ranges::lower_bound(to, name, {}, &Amounts::value_type::first);
    if (at != to.end() && at->first == name) {
      at->second = at->second + amount;
    } else {
      to.emplace(at, name, amount);
    }
  }
}

void raise(Amounts& to, const Amounts& least) {
  for (const auto& [name, amount] : least) {
    const auto at = std::ranges::lower_bound(to, name, {}, &Amounts::value_type::first);
    if (at != to.end() && at->first == name) {
      at->second = std::max(at->second, amount);
    } else {
      to.emplace(at, name, amount);
    }
  }
}

}  // namespace

void read(const Place& place, PodSpec& into) {
  place.field("nodeName", into.node_name);
  place.field("hostname", into.hostname);
  place.field("subdomain", into.subdomain);
  place.field("restartPolicy", into.restart_policy);
  place.field("schedulerName", into.scheduler_name);
  place.field("hostNetwork", into.host_network);
  read_containers(place, "containers", into.containers);
  read_containers(place, "initContainers", into.init_containers);
  place.field("overhead", into.overhead);
  place.field("nodeSelector", into.node_selector);
  if (const auto affinity = place.at("affinity")) {
    const auto node = affinity->at("nodeAffinity");
    const auto required = node ? node->at("requiredDuringSchedulingIgnoredDuringExecution") : std::nullopt;
    if (required) required->field("nodeSelectorTerms", into.node_affinity.emplace());
  }
  place.field("tolerations", into.tolerations);
  if (const auto gates = place.at("schedulingGates"))
    if (const auto* list = gates->array()) into.scheduling_gates = static_cast<int>(list->size());
}

void read(const Place& place, Pod& into) {
  place.field("metadata", into.meta);
  place.field("spec", into.spec);
  if (const auto status = place.at("status")) read(*status, into.status);
}

Result<Pod> pod_from(const json::value& object) { return typed_from<Pod>(object); }

bool is_finished(const Pod& pod) { return pod.status.phase == "Succeeded" || pod.status.phase == "Failed"; }
bool is_active(const Pod& pod) { return !is_finished(pod) && !pod.meta.deleted; }
bool is_ready(const Pod& pod) { return is_true(pod.status.conditions, "Ready"); }

bool is_available(const Pod& pod, std::int64_t min_ready_seconds, Time now) {
  if (!is_ready(pod)) return false;
  if (min_ready_seconds == 0) return true;
  const auto& since = find_condition(pod.status.conditions, "Ready")->transition;
  return since && *since + std::chrono::seconds(min_ready_seconds) <= now;
}

Amounts requests_of(const PodSpec& spec) {
  Amounts running, starting, sidecars;
  for (const auto& container : spec.containers) add(running, container.requests);
  for (const auto& container : spec.init_containers) {
    Amounts step = container.requests;
    add(step, sidecars);
    if (container.restart_policy == "Always") {
      add(running, container.requests);
      add(sidecars, container.requests);
    }
    raise(starting, step);
  }
  raise(running, starting);
  add(running, spec.overhead);
  return running;
}

}  // namespace podwire::kube
