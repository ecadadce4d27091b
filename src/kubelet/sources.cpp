#include "kubelet/sources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "base/base64.h"

namespace podwire::kubelet {
namespace {

void add(std::set<SourceName>& into, const json::object& from, std::string_view field, const char* resource,
         std::string_view name_field = "name") {
  const auto name = kube::text_in(from, field, name_field);
  if (!name.empty()) into.insert({resource, std::string(name)});
}

std::string one_word(const SourceName& from) { return from.resource == "secrets" ? "secret" : "configmap"; }

std::string lines_of(const kube::TextMap& map) {
  std::string out;
  for (const auto& [name, value] : map) {
    std::string escaped;
    for (const char c : value)
      escaped += c == '\n' ? "\\n" : c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    out += fmt::format("{}=\"{}\"\n", name, escaped);
  }
  if (!out.empty()) out.pop_back();
  return out;
}

/// The machine's, for a limit that is not set.
kube::Quantity machine_amount(std::string_view name) {
  if (name == "cpu") return kube::Quantity::of(::sysconf(_SC_NPROCESSORS_ONLN));
  if (name == "memory") return kube::Quantity::of(::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE));
  return {};
}

}  // namespace

std::set<SourceName> sources_of_volumes(const PodSpec& spec) {
  std::set<SourceName> out;
  for (const auto& volume : spec.volumes) {
    const json::object whole{{volume.kind, volume.source}};
    add(out, whole, "configMap", "configmaps");
    add(out, whole, "secret", "secrets", "secretName");
    if (const auto* sources = kube::array_in(whole, "projected", "sources"))
      for (const auto& source : *sources) {
        if (!source.is_object()) continue;
        add(out, source.get_object(), "configMap", "configmaps");
        add(out, source.get_object(), "secret", "secrets");
      }
  }
  return out;
}

std::vector<TokenWanted> tokens_of_volumes(const PodSpec& spec) {
  std::vector<TokenWanted> out;
  for (const auto& volume : spec.volumes) {
    const auto* sources = volume.kind == "projected" ? kube::array_in(volume.source, "sources") : nullptr;
    if (sources == nullptr) continue;
    for (const auto& source : *sources) {
      const auto* token =
          source.is_object() ? kube::object_in(source.get_object(), "serviceAccountToken") : nullptr;
      if (token == nullptr) continue;
      TokenWanted wanted{.audience = std::string(kube::text_in(*token, "audience"))};
      if (const auto* seconds = token->if_contains("expirationSeconds");
          seconds != nullptr && seconds->is_int64())
        wanted.seconds = seconds->get_int64();
      out.push_back(std::move(wanted));
    }
  }
  return out;
}

std::set<SourceName> sources_of_environment(const ContainerSpec& spec) {
  std::set<SourceName> out;
  for (const auto& from : spec.env_from) {
    if (!from.config_map.empty()) out.insert({"configmaps", from.config_map});
    if (!from.secret.empty()) out.insert({"secrets", from.secret});
  }
  for (const auto& variable : spec.env) {
    add(out, variable.source, "configMapKeyRef", "configmaps");
    add(out, variable.source, "secretKeyRef", "secrets");
  }
  return out;
}

Result<std::map<std::string, std::string>> values_of(const Sources& sources, const SourceName& from,
                                                     bool optional) {
  std::map<std::string, std::string> out;
  const auto found = sources.objects.find(from);
  if (found == sources.objects.end()) {
    if (optional) return out;
    return std::unexpected(Error{.verb = fmt::format("{} \"{}\" not found", one_word(from), from.name)});
  }
  for (const auto* field : {"data", "binaryData"}) {
    const auto* data = kube::object_in(found->second, field);
    if (data == nullptr) continue;
    const bool encoded = from.resource == "secrets" || std::string_view(field) == "binaryData";
    for (const auto& [key, value] : *data) {
      if (!value.is_string()) continue;
      const std::string_view text = value.get_string();
      out[key] = encoded ? base64_decode(text).value_or("") : std::string(text);
    }
  }
  return out;
}

Result<std::optional<std::string>> value_of(const Sources& sources, const SourceName& from,
                                            std::string_view ns, std::string_view key, bool optional) {
  auto all = TRY(values_of(sources, from, optional));
  const auto found = all.find(std::string(key));
  if (found != all.end()) return std::move(found->second);
  if (optional) return std::nullopt;
  return std::unexpected(
      Error{.verb = fmt::format("couldn't find key {} in {} {}/{}", key,
                                from.resource == "secrets" ? "Secret" : "ConfigMap", ns, from.name)});
}

Result<std::string> field_of(const Pod& pod, const Sources& sources, std::string_view path) {
  const auto first = [](const std::vector<std::string>& list) { return list.empty() ? "" : list.front(); };
  if (path == "metadata.name") return pod.meta.name;
  if (path == "metadata.namespace") return pod.meta.namespace_;
  if (path == "metadata.uid") return pod.meta.uid;
  if (path == "metadata.labels") return lines_of(pod.meta.labels);
  if (path == "metadata.annotations") return lines_of(pod.meta.annotations);
  if (path == "spec.nodeName") return sources.node_name;
  if (path == "spec.serviceAccountName") return pod.spec.service_account;
  if (path == "status.hostIP") return first(sources.node_addresses);
  if (path == "status.hostIPs") return fmt::format("{}", fmt::join(sources.node_addresses, ","));
  if (path == "status.podIP") return first(sources.pod_addresses);
  if (path == "status.podIPs") return fmt::format("{}", fmt::join(sources.pod_addresses, ","));
  for (const auto& [prefix, map] : {std::pair(std::string_view("metadata.labels['"), &pod.meta.labels),
                                    {std::string_view("metadata.annotations['"), &pod.meta.annotations}})
    if (path.starts_with(prefix) && path.ends_with("']"))
      return std::string(kube::text_of(*map, path.substr(prefix.size(), path.size() - prefix.size() - 2)));
  return std::unexpected(Error{.verb = fmt::format("unsupported fieldPath: {}", path)});
}

Result<std::string> resource_of(const Pod& pod, std::string_view container, const json::object& reference) {
  const auto given = kube::text_in(reference, "containerName");
  const auto* spec = find_container(pod.spec, given.empty() ? container : given);
  const auto wanted = kube::text_in(reference, "resource");
  const auto dot = wanted.find('.');
  if (spec == nullptr || dot == std::string_view::npos)
    return std::unexpected(Error{.verb = fmt::format("unsupported container resource: {}", wanted)});
  const auto name = wanted.substr(dot + 1);
  const bool limit = wanted.starts_with("limits.");
  const auto& amounts = limit ? spec->limits : spec->requests;
  const auto found =
      std::ranges::find(amounts, name, [](const auto& a) { return std::string_view(a.first); });
  const auto amount = found != amounts.end() ? found->second
                      : limit                ? machine_amount(name)
                                             : kube::Quantity();
  auto divisor = kube::Quantity::of(1);
  if (const auto text = kube::text_in(reference, "divisor"); !text.empty() && text != "0")
    divisor = TRY(kube::Quantity::parse(text));
  // Thousandths are exact for processors, and too large for memory.
  if (divisor.is_integer() && name != "cpu")
    return std::to_string((amount.value() + divisor.value() - 1) /
                          std::max<std::int64_t>(divisor.value(), 1));
  const auto by = std::max<std::int64_t>(divisor.milli_value(), 1);
  return std::to_string((amount.milli_value() + by - 1) / by);
}

}  // namespace podwire::kubelet
