#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "kube/types/service.h"
#include "kubelet/pod_spec.h"

namespace podwire::kubelet {

/// A ConfigMap or Secret of the pod's namespace.
struct SourceName {
  std::string resource, name;  ///< "configmaps", "secrets"
  friend auto operator<=>(const SourceName&, const SourceName&) = default;
};

/// What a pod needs to know beside its own object.
struct Sources {
  std::map<SourceName, json::object> objects;  ///< those that exist
  std::map<std::string, std::string> tokens;   ///< by audience and seconds: token_key()
  std::vector<std::shared_ptr<const kube::Service>> services;
  std::string node_name;
  std::vector<std::string> node_addresses, pod_addresses;
};

struct TokenWanted {
  std::string audience;
  std::int64_t seconds = 3600;
  [[nodiscard]] std::string key() const { return audience + "/" + std::to_string(seconds); }
};

// What is to be fetched. Pure.
[[nodiscard]] std::set<SourceName> sources_of_volumes(const PodSpec& spec);
[[nodiscard]] std::vector<TokenWanted> tokens_of_volumes(const PodSpec& spec);
[[nodiscard]] std::set<SourceName> sources_of_environment(const ContainerSpec& spec);

/// The value of a key, of a Secret decoded. nullopt: the object or the key is not there and need not be.
/// Error: in the kubelet's words, for the pod's status.
Result<std::optional<std::string>> value_of(const Sources& sources, const SourceName& from,
                                            std::string_view ns, std::string_view key, bool optional);
/// All its keys. Error, unless optional: there is none.
Result<std::map<std::string, std::string>> values_of(const Sources& sources, const SourceName& from,
                                                     bool optional);

/// "metadata.labels['app']", "status.podIP": as env and downwardAPI refer to the pod itself. Error: no such
/// field.
Result<std::string> field_of(const Pod& pod, const Sources& sources, std::string_view path);
/// "limits.cpu" of a container, divided.
Result<std::string> resource_of(const Pod& pod, std::string_view container, const json::object& reference);

}  // namespace podwire::kubelet
