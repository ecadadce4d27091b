#include "kubelet/pod_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace podwire::kubelet {

void read(const Place& place, EnvVar& into) {
  place.field("name", into.name);
  place.field("value", into.value);
  place.field("valueFrom", into.source);
}

void read(const Place& place, EnvFrom& into) {
  place.field("prefix", into.prefix);
  for (const auto& [key, name] : {std::pair("configMapRef", &into.config_map), {"secretRef", &into.secret}})
    if (const auto reference = place.at(key)) {
      reference->field("name", *name);
      reference->field("optional", into.optional);
    }
}

void read(const Place& place, HttpHeader& into) {
  place.field("name", into.name);
  place.field("value", into.value);
}

void read(const Place& place, Probe& into) {
  place.field("initialDelaySeconds", into.initial_delay);
  place.field("periodSeconds", into.period);
  place.field("timeoutSeconds", into.timeout);
  place.field("successThreshold", into.successes);
  place.field("failureThreshold", into.failures);
  if (const auto http = place.at("httpGet")) {
    into.kind = Probe::Kind::http;
    http->field("host", into.host);
    http->field("path", into.path);
    http->field("scheme", into.scheme);
    http->field("port", into.port);
    http->field("httpHeaders", into.headers);
  } else if (const auto tcp = place.at("tcpSocket")) {
    into.kind = Probe::Kind::tcp;
    tcp->field("host", into.host);
    tcp->field("port", into.port);
  } else if (const auto exec = place.at("exec")) {
    into.kind = Probe::Kind::exec;
    exec->field("command", into.command);
  } else if (place.at("grpc")) {
    into.kind = Probe::Kind::grpc;
  }
}

void read(const Place& place, VolumeMount& into) {
  place.field("name", into.name);
  place.field("mountPath", into.path);
  place.field("subPath", into.sub_path);
  place.field("readOnly", into.read_only);
}

void read(const Place& place, PortSpec& into) {
  place.field("name", into.name);
  place.field("protocol", into.protocol);
  place.field("hostIP", into.host_ip);
  place.field("containerPort", into.container_port);
  place.field("hostPort", into.host_port);
}

void read(const Place& place, SecurityContext& into) {
  place.field("runAsUser", into.user);
  place.field("runAsGroup", into.group);
  place.field("privileged", into.privileged);
  if (const auto capabilities = place.at("capabilities")) {
    capabilities->field("add", into.added);
    capabilities->field("drop", into.dropped);
  }
}

void read(const Place& place, ContainerSpec& into) {
  place.field("name", into.name);
  place.field("image", into.image);
  place.field("workingDir", into.working_dir);
  place.field("restartPolicy", into.restart_policy);
  place.field("command", into.command);
  place.field("args", into.args);
  place.field("env", into.env);
  place.field("envFrom", into.env_from);
  place.field("ports", into.ports);
  place.field("volumeMounts", into.mounts);
  place.field("livenessProbe", into.liveness);
  place.field("readinessProbe", into.readiness);
  place.field("startupProbe", into.startup);
  place.field("securityContext", into.security);
  place.field("tty", into.terminal);
  place.field("stdin", into.input);
  if (const auto resources = place.at("resources")) {
    resources->field("requests", into.requests);
    resources->field("limits", into.limits);
  }
}

void read(const Place& place, VolumeSpec& into) {
  const auto* object = place.object();
  if (object == nullptr) return;
  place.field("name", into.name);
  for (const auto& [key, value] : *object)
    if (key != "name" && value.is_object()) {
      into.kind = key;
      into.source = value.get_object();
    }
}

void read(const Place& place, HostAlias& into) {
  place.field("ip", into.ip);
  place.field("hostnames", into.names);
}

namespace {

struct DnsOption {
  std::string name, value;
};
void read(const Place& place, DnsOption& into) {
  place.field("name", into.name);
  place.field("value", into.value);
}

struct ReadinessGate {
  std::string type;
};
void read(const Place& place, ReadinessGate& into) { place.field("conditionType", into.type); }

}  // namespace

void read(const Place& place, PodSpec& into) {
  place.field("nodeName", into.node_name);
  place.field("hostname", into.hostname);
  place.field("subdomain", into.subdomain);
  place.field("serviceAccountName", into.service_account);
  place.field("restartPolicy", into.restart_policy);
  place.field("dnsPolicy", into.dns_policy);
  place.field("hostNetwork", into.host_network);
  place.field("enableServiceLinks", into.service_links);
  place.field("terminationGracePeriodSeconds", into.grace_seconds);
  place.field("initContainers", into.init_containers);
  place.field("containers", into.containers);
  place.field("volumes", into.volumes);
  place.field("hostAliases", into.host_aliases);
  if (const auto dns = place.at("dnsConfig")) {
    dns->field("nameservers", into.dns_servers);
    dns->field("searches", into.dns_searches);
    std::vector<DnsOption> options;
    dns->field("options", options);
    for (const auto& o : options)
      into.dns_options.push_back(o.value.empty() ? o.name : o.name + ":" + o.value);
  }
  if (const auto security = place.at("securityContext")) {
    read(*security, into.security);
    security->field("fsGroup", into.fs_group);
  }
  std::vector<ReadinessGate> gates;
  place.field("readinessGates", gates);
  for (auto& gate : gates) into.readiness_gates.push_back(std::move(gate.type));
}

namespace {

const kube::Quantity* amount(const kube::Amounts& amounts, std::string_view name) {
  const auto found =
      std::ranges::find(amounts, name, [](const auto& a) { return std::string_view(a.first); });
  return found != amounts.end() ? &found->second : nullptr;
}

}  // namespace

void read(const Place& place, Pod& into) {
  place.field("metadata", into.meta);
  if (const auto meta = place.at("metadata")) meta->field("deletionGracePeriodSeconds", into.deletion_grace);
  if (const auto spec = place.at("spec")) read(*spec, into.spec);
  place.field("status", into.status);
}

std::string Pod::described() const { return fmt::format("{}_{}({})", meta.name, meta.namespace_, meta.uid); }

bool Pod::is_finished() const {
  const auto phase = kube::text_in(status, "phase");
  return phase == "Succeeded" || phase == "Failed";
}

const ContainerSpec* find_container(const PodSpec& spec, std::string_view name) {
  for (const auto* list : {&spec.containers, &spec.init_containers})
    for (const auto& container : *list)
      if (container.name == name) return &container;
  return nullptr;
}

bool is_init_container(const PodSpec& spec, std::string_view name) {
  return std::ranges::any_of(spec.init_containers, [&](const auto& c) { return c.name == name; });
}

std::string_view qos_class(const PodSpec& spec) {
  bool any = false, guaranteed = true;
  for (const auto* list : {&spec.containers, &spec.init_containers})
    for (const auto& container : *list)
      for (const auto* name : {"cpu", "memory"}) {
        const auto* limit = amount(container.limits, name);
        const auto* request = amount(container.requests, name);
        any = any || limit != nullptr || request != nullptr;
        guaranteed = guaranteed && limit != nullptr && (request == nullptr || *request == *limit);
      }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace podwire::kubelet
