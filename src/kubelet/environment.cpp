#include "kubelet/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "kubelet/container_start.h"

namespace podwire::kubelet {
namespace {

std::string variable_name(std::string_view name) {
  std::string out(name);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  return out;
}

void set(Variables& into, const std::string& name, std::string value) {
  const auto known = std::ranges::find(into, name, &Variables::value_type::first);
  if (known != into.end())
    known->second = std::move(value);
  else
    into.emplace_back(name, std::move(value));
}

void add_service(Variables& into, const kube::Service& service) {
  const auto prefix = variable_name(service.meta.name);
  const auto address = service.cluster_ips.front();
  const auto host = address.str();
  const auto in_url = address.is_v6() ? "[" + host + "]" : host;
  const auto& first = service.ports.front();
  set(into, prefix + "_SERVICE_HOST", host);
  set(into, prefix + "_SERVICE_PORT", std::to_string(first.port));
  for (const auto& port : service.ports)
    if (!port.name.empty())
      set(into, prefix + "_SERVICE_PORT_" + variable_name(port.name), std::to_string(port.port));
  const auto url = [&](const kube::ServicePort& port) {
    std::string protocol = port.protocol;
    for (auto& c : protocol) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return std::pair(protocol, fmt::format("{}://{}:{}", protocol, in_url, port.port));
  };
  set(into, prefix + "_PORT", url(first).second);
  for (const auto& port : service.ports) {
    const auto [protocol, text] = url(port);
    const auto name = fmt::format("{}_PORT_{}_{}", prefix, port.port, port.protocol);
    set(into, name, text);
    set(into, name + "_PROTO", protocol);
    set(into, name + "_PORT", std::to_string(port.port));
    set(into, name + "_ADDR", host);
  }
}

/// nullopt: it is optional and not there.
Result<std::optional<std::string>> value_from(const Pod& pod, const ContainerSpec& spec,
                                              const Sources& sources, const json::object& from) {
  if (const auto* field = kube::object_in(from, "fieldRef"))
    return TRY(field_of(pod, sources, kube::text_in(*field, "fieldPath")));
  if (const auto* resource = kube::object_in(from, "resourceFieldRef"))
    return TRY(resource_of(pod, spec.name, *resource));
  for (const auto& [key, kind] : {std::pair("configMapKeyRef", "configmaps"), {"secretKeyRef", "secrets"}})
    if (const auto* reference = kube::object_in(from, key)) {
      const auto* optional = reference->if_contains("optional");
      return value_of(sources, {kind, std::string(kube::text_in(*reference, "name"))}, pod.meta.namespace_,
                      kube::text_in(*reference, "key"), optional != nullptr && *optional == true);
    }
  return std::optional<std::string>("");
}

}  // namespace

Variables service_variables(const Pod& pod, const Sources& sources) {
  Variables out;
  for (const auto& service : sources.services) {
    const bool is_api = service->meta.namespace_ == "default" && service->meta.name == "kubernetes";
    const bool is_linked = pod.spec.service_links && service->meta.namespace_ == pod.meta.namespace_;
    if ((is_api || is_linked) && !service->headless && !service->cluster_ips.empty() &&
        !service->ports.empty())
      add_service(out, *service);
  }
  return out;
}

Result<Variables> environment_of(const Pod& pod, const ContainerSpec& spec, const Sources& sources) {
  Variables out = service_variables(pod, sources);
  for (const auto& from : spec.env_from) {
    const SourceName source =
        from.secret.empty() ? SourceName{"configmaps", from.config_map} : SourceName{"secrets", from.secret};
    for (auto& [key, value] : TRY(values_of(sources, source, from.optional)))
      set(out, from.prefix + key, std::move(value));
  }
  for (const auto& variable : spec.env) {
    if (variable.source.empty()) {
      set(out, variable.name, expand(variable.value, out));
      continue;
    }
    if (auto value = TRY(value_from(pod, spec, sources, variable.source)))
      set(out, variable.name, std::move(*value));
  }
  return out;
}

}  // namespace podwire::kubelet
