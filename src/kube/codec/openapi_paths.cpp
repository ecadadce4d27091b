#include "kube/codec/openapi_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "kube/codec/openapi_parameters.h"
#include "kube/subresource.h"

namespace podwire::kube {
namespace {

using Use = Subresource::Use;

std::string capital(std::string_view word) {
  std::string out(word);
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

/// In operations' names: "CoreV1", "RbacAuthorizationV1".
std::string spoken_version(const Resource& r) {
  std::string_view group = r.group.empty() ? std::string_view("core") : std::string_view(r.group);
  if (group.ends_with(".k8s.io")) group.remove_suffix(7);
  std::string out;
  while (!group.empty()) {
    const auto part = group.substr(0, group.find('.'));
    out += capital(part);
    group.remove_prefix(std::min(group.size(), part.size() + 1));
  }
  return out + capital(r.version);
}

json::object content(std::string_view media_type, json::object schema) {
  return {{"content", {{media_type, {{"schema", std::move(schema)}}}}}};
}

json::object answer(std::string_view media_type, json::object schema) {
  auto out = content(media_type, std::move(schema));
  out["description"] = "OK";
  return out;
}

/// What a stream is asked for stands in its query.
QueryParameters query_of(std::string_view subresource) {
  if (subresource == "log") return QueryParameters::log;
  if (subresource == "exec") return QueryParameters::exec;
  if (subresource == "attach") return QueryParameters::attach;
  if (subresource == "portforward") return QueryParameters::port_forward;
  return QueryParameters::none;
}

/// Everything below one resource. The words that vary between its operations are put together in one place.
class Paths {
 public:
  Paths(const Resource& r, const Schema& schema, OpenApiSchemas& schemas, json::object& out)
      : r_(r), schema_(schema), schemas_(schemas), out_(out), version_(spoken_version(r)) {}

  void put() {
    const auto root = fmt::format("/{}/{}", r_.group.empty() ? "api" : "apis", r_.api_version());
    const auto collection =
        fmt::format("{}{}/{}", root, r_.namespaced ? "/namespaces/{namespace}" : "", r_.plural);
    put_collection(collection);
    if (!r_.stored) return;
    if (r_.namespaced) {
      json::object all;
      all["get"] = list(fmt::format("list{}{}ForAllNamespaces", version_, r_.kind));
      add(fmt::format("{}/{}", root, r_.plural), std::move(all));
    }
    const auto item = collection + "/{name}";
    put_item(item);
    for (const auto& name : r_.subresources) put_subresource(item, name);
  }

 private:
  [[nodiscard]] KindName own_kind() const { return {r_.group, r_.version, r_.kind}; }
  /// "NamespacedPod"
  [[nodiscard]] std::string subject() const { return (r_.namespaced ? "Namespaced" : "") + r_.kind; }
  [[nodiscard]] std::string id(std::string_view verb, std::string_view suffix = {}) const {
    return fmt::format("{}{}{}{}", verb, version_, subject(), suffix);
  }

  void add(const std::string& path, json::object methods) {
    if (auto named = openapi_path_parameters(path); !named.empty()) methods["parameters"] = std::move(named);
    out_[path] = std::move(methods);
  }

  json::object operation(std::string operation_id, std::string_view action, const KindName& kind,
                         QueryParameters query, json::object ok) {
    json::object out{{"operationId", std::move(operation_id)},
                     {"tags", json::array{tag()}},
                     {"x-kubernetes-action", action},
                     {"x-kubernetes-group-version-kind",
                      {{"group", kind.group}, {"kind", kind.kind}, {"version", kind.version}}}};
    if (auto parameters = openapi_query(query); !parameters.empty())
      out["parameters"] = std::move(parameters);
    out["responses"] = {{"200", std::move(ok)}};
    return out;
  }

  [[nodiscard]] std::string tag() const {
    auto group = std::string_view(r_.group);
    if (group.empty()) group = "core";
    return fmt::format("{}_{}", group.substr(0, group.find('.')), r_.version);
  }

  json::object list(std::string operation_id) {
    return operation(std::move(operation_id), "list", own_kind(), QueryParameters::list,
                     answer("application/json", schemas_.list_ref(r_)));
  }

  /// POST or PUT.
  json::object write(std::string operation_id, std::string_view action, const KindName& kind,
                     const Message& body) {
    auto out = operation(std::move(operation_id), action, kind, QueryParameters::write,
                         answer("application/json", schemas_.ref(body)));
    out["requestBody"] = content("*/*", schemas_.ref(body));
    out["requestBody"].get_object()["required"] = true;
    return out;
  }

  json::object patch(std::string operation_id, const KindName& kind, const Message& body) {
    auto out = operation(std::move(operation_id), "patch", kind, QueryParameters::patch,
                         answer("application/json", schemas_.ref(body)));
    json::object types;
    for (const std::string_view form :
         {"apply-patch+yaml", "json-patch+json", "merge-patch+json", "strategic-merge-patch+json"})
      types[fmt::format("application/{}", form)] = {{"schema", schemas_.patch_ref()}};
    out["requestBody"] = {{"content", std::move(types)}, {"required", true}};
    return out;
  }

  json::object remove(std::string operation_id, std::string_view action, QueryParameters query) {
    auto out = operation(std::move(operation_id), action, own_kind(), query,
                         answer("application/json", schemas_.meta_ref("Status")));
    out["requestBody"] = content("*/*", schemas_.meta_ref("DeleteOptions"));
    return out;
  }

  void put_collection(const std::string& path) {
    json::object methods;
    if (r_.stored) methods["get"] = list(id("list"));
    methods["post"] = write(id("create"), "post", own_kind(), *r_.message);
    if (r_.stored && r_.kind != "Namespace")
      methods["delete"] = remove(fmt::format("delete{}Collection{}", version_, subject()), "deletecollection",
                                 QueryParameters::remove_collection);
    add(path, std::move(methods));
  }

  void put_item(const std::string& path) {
    json::object methods;
    methods["get"] = operation(id("read"), "get", own_kind(), QueryParameters::none,
                               answer("application/json", schemas_.ref(*r_.message)));
    methods["put"] = write(id("replace"), "put", own_kind(), *r_.message);
    methods["patch"] = patch(id("patch"), own_kind(), *r_.message);
    methods["delete"] = remove(id("delete"), "delete", QueryParameters::remove);
    add(path, std::move(methods));
  }

  void put_subresource(const std::string& item, std::string_view name) {
    const auto& sub = subresource_named(name);
    const auto kind = spoken_kind(r_, sub);
    const auto* speaks = sub.kind.kind.empty() ? nullptr : schema_.kind(sub.kind.api_version(), kind.kind);
    const auto& body = speaks != nullptr ? *speaks->message : *r_.message;
    const auto suffix = capital(name);
    json::object methods;
    switch (sub.use) {
      case Use::read_write:
        methods["get"] = operation(id("read", suffix), "get", kind, QueryParameters::none,
                                   answer("application/json", schemas_.ref(body)));
        methods["put"] = write(id("replace", suffix), "put", kind, body);
        methods["patch"] = patch(id("patch", suffix), kind, body);
        break;
      case Use::write:
        methods["put"] = write(id("replace", suffix), "put", kind, body);
        break;
      case Use::create:
        methods["post"] = write(id("create", suffix), "post", kind, body);
        break;
      case Use::text:
        methods["get"] = operation(id("read", suffix), "get", kind, query_of(name),
                                   answer("text/plain", {{"type", "string"}}));
        break;
      case Use::connect:
        for (const std::string_view method : {"get", "post"})
          methods[method] =
              operation(fmt::format("connect{}{}{}{}", version_, capital(method), subject(), suffix),
                        "connect", kind, query_of(name), answer("*/*", {{"type", "string"}}));
        break;
    }
    add(fmt::format("{}/{}", item, name), std::move(methods));
  }

  const Resource& r_;
  const Schema& schema_;
  OpenApiSchemas& schemas_;
  json::object& out_;
  std::string version_;
};

}  // namespace

void put_openapi_paths(const Resource& resource, const Schema& schema, OpenApiSchemas& schemas,
                       json::object& paths) {
  Paths(resource, schema, schemas, paths).put();
}

}  // namespace podwire::kube
