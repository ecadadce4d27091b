#include <fmt/format.h>

#include "kubelet/volumes.h"

namespace podwire::kubelet {
namespace {

bool is_true(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && *value == true;
}

unsigned mode_in(const json::object& object, std::string_view name, unsigned otherwise) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<unsigned>(value->get_int64()) : otherwise;
}

bool stays_inside(std::string_view path) {
  return !path.empty() && !path.starts_with('/') && path != ".." && !path.starts_with("../") &&
         path.find("/../") == std::string_view::npos && !path.ends_with("/..");
}

/// Collects the files of one volume.
class Collector {
 public:
  Collector(const Pod& pod, const Sources& sources) : pod_(pod), sources_(sources) {}

  Result<> add_keys(const SourceName& from, const json::object& spec, unsigned mode) {
    const bool optional = is_true(spec, "optional");
    const auto values = TRY(values_of(sources_, from, optional));
    const auto* items = kube::array_in(spec, "items");
    if (items == nullptr || items->empty()) {
      for (const auto& [key, value] : values) out_.push_back({key, value, mode});
      return {};
    }
    for (const auto& one : *items) {
      const auto& item = one.as_object();
      const std::string key(kube::text_in(item, "key"));
      const auto found = values.find(key);
      if (found == values.end()) {
        if (optional) continue;
        return std::unexpected(
            Error{.verb = fmt::format("references non-existent {} key: {}",
                                      from.resource == "secrets" ? "secret" : "config", key)});
      }
      TRY(add({std::string(kube::text_in(item, "path")), found->second, mode_in(item, "mode", mode)}));
    }
    return {};
  }

  Result<> add_fields(const json::object& spec, unsigned mode) {
    const auto* items = kube::array_in(spec, "items");
    if (items == nullptr) return {};
    for (const auto& one : *items) {
      const auto& item = one.as_object();
      std::string value;
      if (const auto* field = kube::object_in(item, "fieldRef"))
        value = TRY(field_of(pod_, sources_, kube::text_in(*field, "fieldPath")));
      else if (const auto* resource = kube::object_in(item, "resourceFieldRef"))
        value = TRY(resource_of(pod_, "", *resource));
      TRY(add({std::string(kube::text_in(item, "path")), std::move(value), mode_in(item, "mode", mode)}));
    }
    return {};
  }

  Result<> add_token(const json::object& spec, unsigned mode) {
    TokenWanted wanted{.audience = std::string(kube::text_in(spec, "audience"))};
    if (const auto* seconds = spec.if_contains("expirationSeconds");
        seconds != nullptr && seconds->is_int64())
      wanted.seconds = seconds->get_int64();
    const auto token = sources_.tokens.find(wanted.key());
    if (token == sources_.tokens.end()) return std::unexpected(Error{.verb = "failed to fetch token"});
    return add({std::string(kube::text_in(spec, "path")), token->second, mode});
  }

  Result<> add_projected(const json::object& spec, unsigned mode) {
    const auto* all = kube::array_in(spec, "sources");
    if (all == nullptr) return {};
    for (const auto& one : *all) {
      const auto& source = one.as_object();
      if (const auto* map = kube::object_in(source, "configMap"))
        TRY(add_keys({"configmaps", std::string(kube::text_in(*map, "name"))}, *map, mode));
      else if (const auto* secret = kube::object_in(source, "secret"))
        TRY(add_keys({"secrets", std::string(kube::text_in(*secret, "name"))}, *secret, mode));
      else if (const auto* fields = kube::object_in(source, "downwardAPI"))
        TRY(add_fields(*fields, mode));
      else if (const auto* token = kube::object_in(source, "serviceAccountToken"))
        TRY(add_token(*token, mode));
    }
    return {};
  }

  std::vector<VolumeFile> take() { return std::move(out_); }

 private:
  Result<> add(VolumeFile file) {
    if (!stays_inside(file.path)) return fail("write", file.path, 0, "it is no path inside of a volume");
    out_.push_back(std::move(file));
    return {};
  }

  const Pod& pod_;
  const Sources& sources_;
  std::vector<VolumeFile> out_;
};

}  // namespace

Result<std::vector<VolumeFile>> files_of(const Pod& pod, const VolumeSpec& volume, const Sources& sources) {
  constexpr unsigned kMode = 0644;
  Collector collector(pod, sources);
  const auto& spec = volume.source;
  const auto mode = mode_in(spec, "defaultMode", kMode);
  if (volume.kind == "configMap")
    TRY(collector.add_keys({"configmaps", std::string(kube::text_in(spec, "name"))}, spec, mode));
  else if (volume.kind == "secret")
    TRY(collector.add_keys({"secrets", std::string(kube::text_in(spec, "secretName"))}, spec, mode));
  else if (volume.kind == "downwardAPI")
    TRY(collector.add_fields(spec, mode));
  else if (volume.kind == "projected")
    TRY(collector.add_projected(spec, mode));
  return collector.take();
}

}  // namespace podwire::kubelet
