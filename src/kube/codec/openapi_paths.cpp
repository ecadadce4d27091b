#include "kube/codec/openapi_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <initializer_list>
#include <span>

namespace podwire::kube {
namespace {

struct Parameter {
  std::string_view name, type, description;
};

constexpr Parameter kPretty{"pretty", "string", "\"true\": the answer is indented."};
constexpr Parameter kDryRun{"dryRun", "string", "All: go through everything, store nothing."};
constexpr Parameter kFieldManager{"fieldManager", "string",
                                  "Who is writing: the owner of the fields that are set."};
constexpr Parameter kFieldValidation{"fieldValidation", "string",
                                     "What becomes of unknown and duplicate fields: Ignore, Warn or Strict."};
constexpr Parameter kForce{"force", "boolean", "Server-side apply takes fields over from other managers."};
constexpr Parameter kWrite[] = {kPretty, kDryRun, kFieldManager, kFieldValidation};
constexpr Parameter kPatch[] = {kPretty, kDryRun, kFieldManager, kFieldValidation, kForce};
constexpr Parameter kGet[] = {kPretty};
constexpr Parameter kDelete[] = {
    kPretty,
    kDryRun,
    {"gracePeriodSeconds", "integer", "How long the object may take to end by itself; 0: at once."},
    {"orphanDependents", "boolean", "Older than propagationPolicy; true is Orphan."},
    {"propagationPolicy", "string",
     "What becomes of the objects that belong to it: Background, Foreground, Orphan."}};
constexpr Parameter kList[] = {
    kPretty,
    {"allowWatchBookmarks", "boolean", "A watch may be told how far it has come when nothing happened."},
    {"continue", "string", "Given by the page before: from where to go on."},
    {"fieldSelector", "string", "Only objects whose fields are so, such as metadata.name=web."},
    {"labelSelector", "string", "Only objects whose labels are so, such as app=web,tier!=test."},
    {"limit", "integer", "At most so many objects; the rest comes with continue."},
    {"resourceVersion", "string", "How new the answer must be; for a watch: from where on."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "A watch begins with an event for each object that is there."},
    {"timeoutSeconds", "integer", "How long a watch may last."},
    {"watch", "boolean", "Tell of changes as they happen, instead of listing."}};
constexpr Parameter kLog[] = {{"container", "string", "Which container."},
                              {"follow", "boolean", "Go on with what is written from now."},
                              {"limitBytes", "integer", "At most so many bytes."},
                              {"previous", "boolean", "Of the container before the last restart."},
                              {"sinceSeconds", "integer", "Only what is not older."},
                              {"tailLines", "integer", "Only so many of the last lines."},
                              {"timestamps", "boolean", "Each line with its time."}};
constexpr Parameter kExec[] = {{"command", "string", "The command, one argument each time."},
                               {"container", "string", "Which container."},
                               {"stderr", "boolean", "Its standard error is wanted."},
                               {"stdin", "boolean", "It gets standard input."},
                               {"stdout", "boolean", "Its standard output is wanted."},
                               {"tty", "boolean", "It runs on a terminal."}};
constexpr Parameter kAttach[] = {kExec[1], kExec[2], kExec[3], kExec[4], kExec[5]};
constexpr Parameter kPortForward[] = {{"ports", "integer", "The pod's ports."}};

/// What a subresource's body is; resources that speak their owner's kind are not listed.
struct SubresourceKind {
  std::string_view name, api_version, kind;
};
constexpr SubresourceKind kSubresourceKinds[] = {{"scale", "autoscaling/v1", "Scale"},
                                                 {"binding", "v1", "Binding"},
                                                 {"eviction", "policy/v1", "Eviction"},
                                                 {"token", "authentication.k8s.io/v1", "TokenRequest"}};

/// One operation of a path item.
struct Operation {
  std::string_view method, action;
  std::span<const Parameter> parameters;
  enum class Body : std::uint8_t { none, object, patch, delete_options } body = Body::none;
  enum class Answer : std::uint8_t { object, list, status, text } answer = Answer::object;
};
using Body = Operation::Body;
using Reply = Operation::Answer;

constexpr Operation kReadOne{"get", "get", kGet};
constexpr Operation kReplace{"put", "put", kWrite, Body::object};
constexpr Operation kChange{"patch", "patch", kPatch, Body::patch};
constexpr Operation kRemove{"delete", "delete", kDelete, Body::delete_options, Reply::status};
constexpr Operation kCreate{"post", "post", kWrite, Body::object};
constexpr Operation kReadAll{"get", "list", kList, Body::none, Reply::list};

json::object content(std::initializer_list<std::string_view> types, const json::object& schema) {
  json::object out;
  for (const auto type : types) out[type] = {{"schema", schema}};
  return out;
}

json::object path_parameter(std::string_view name, std::string_view what) {
  return {{"name", name},
          {"in", "path"},
          {"required", true},
          {"description", what},
          {"schema", {{"type", "string"}}}};
}

/// Writes the path items of one resource.
class PathWriter {
 public:
  PathWriter(const Schema& schema, const Resource& resource, OpenApiSchemas& schemas)
      : schema_(schema), resource_(resource), schemas_(schemas) {}

  std::string write() {
    const auto root = resource_.group.empty()
                          ? "/api/" + resource_.version
                          : fmt::format("/apis/{}/{}", resource_.group, resource_.version);
    const auto all = fmt::format("{}/{}", root, resource_.plural);
    const auto collection =
        resource_.namespaced ? fmt::format("{}/namespaces/{{namespace}}/{}", root, resource_.plural) : all;
    if (!resource_.stored) {
      item(collection, resource_, "", std::array{kCreate});
      return std::move(out_);
    }
    constexpr Operation kRemoveAll{"delete", "deletecollection", kList, Body::delete_options, Reply::status};
    item(collection, resource_, "", std::array{kReadAll, kCreate, kRemoveAll});
    const auto one = collection + "/{name}";
    item(one, resource_, "", std::array{kReadOne, kReplace, kChange, kRemove});
    if (resource_.namespaced) item(all, resource_, "AllNamespaces", std::array{kReadAll});
    for (const auto& name : resource_.subresources) subresource(fmt::format("{}/{}", one, name), name);
    return std::move(out_);
  }

 private:
  void subresource(const std::string& path, const std::string& name) {
    const Resource* kind = &resource_;
    for (const auto& known : kSubresourceKinds)
      if (known.name == name) kind = schema_.kind(known.api_version, known.kind);
    if (kind == nullptr) return;  // a schema without that kind
    if (name == "log")
      item(path, *kind, name, std::array{Operation{"get", "connect", kLog, Body::none, Reply::text}});
    else if (name == "exec")
      item(path, *kind, name, connect(kExec));
    else if (name == "attach")
      item(path, *kind, name, connect(kAttach));
    else if (name == "portforward")
      item(path, *kind, name, connect(kPortForward));
    else if (name == "binding" || name == "eviction" || name == "token")
      item(path, *kind, name, std::array{kCreate});
    else if (name == "finalize")
      item(path, *kind, name, std::array{kReplace});
    else
      item(path, *kind, name, std::array{kReadOne, kReplace, kChange});
  }

  static std::array<Operation, 2> connect(std::span<const Parameter> parameters) {
    return {Operation{"get", "connect", parameters, Body::none, Reply::text},
            Operation{"post", "connect", parameters, Body::none, Reply::text}};
  }

  /// `what` tells apart operations that would have the same id.
  void item(const std::string& path, const Resource& kind, std::string_view what,
            std::span<const Operation> operations) {
    json::object out;
    for (const auto& o : operations) out[o.method] = operation(o, kind, what);
    json::array parameters;
    if (path.contains("{name}"))
      parameters.push_back(path_parameter("name", fmt::format("The name of the {}.", resource_.kind)));
    if (path.contains("{namespace}")) parameters.push_back(path_parameter("namespace", "The namespace."));
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    out_ += fmt::format("{}\"{}\":{}", out_.empty() ? "" : ",", path, json::serialize(out));
  }

  json::object operation(const Operation& o, const Resource& kind, std::string_view what) {
    json::array parameters;
    for (const auto& p : o.parameters)
      parameters.push_back({{"name", p.name},
                            {"in", "query"},
                            {"description", p.description},
                            {"schema", {{"type", p.type}}}});
    json::object out{
        {"operationId", fmt::format("{}{}{}{}{}", o.action, o.action == "connect" ? title(o.method) : "",
                                    title(resource_.group), resource_.kind, title(what))},
        {"tags", json::array{fmt::format("{}_{}", resource_.group.empty() ? "core" : resource_.group,
                                         resource_.version)}},
        {"parameters", std::move(parameters)},
        {"responses", {{"200", {{"description", "OK"}, {"content", answer(o, kind)}}}}},
        {"x-kubernetes-action", o.action},
        {"x-kubernetes-group-version-kind", group_version_kind(kind.group, kind.version, kind.kind)}};
    if (o.body != Body::none)
      out["requestBody"] = {{"content", body(o, kind)}, {"required", o.body != Body::delete_options}};
    return out;
  }

  json::object body(const Operation& o, const Resource& kind) {
    if (o.body == Body::patch)
      return content({"application/json-patch+json", "application/merge-patch+json",
                      "application/strategic-merge-patch+json", "application/apply-patch+yaml"},
                     schemas_.ref(std::string(kMetaPackage) + "Patch"));
    if (o.body == Body::delete_options) return content({"application/json"}, meta("DeleteOptions"));
    return content({"application/json", "application/vnd.kubernetes.protobuf"}, schemas_.kind_ref(kind));
  }

  json::object answer(const Operation& o, const Resource& kind) {
    switch (o.answer) {
      case Reply::object:
        return content({"application/json"}, schemas_.kind_ref(kind));
      case Reply::list:
        return content({"application/json"}, schemas_.list_ref(kind));
      case Reply::status:
        return content({"application/json"}, meta("Status"));
      case Reply::text:
        break;
    }
    return content({"text/plain"}, {{"type", "string"}});
  }

  json::object meta(std::string_view type) {
    const auto* message = schema_.message(fmt::format("{}{}", kMetaPackage, type));
    return message != nullptr ? schemas_.ref(*message) : json::object{{"type", "object"}};
  }

  /// "networking.k8s.io" to "Networking".
  static std::string title(std::string_view word) {
    std::string out(word.substr(0, word.find('.')));
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
  }

  const Schema& schema_;
  const Resource& resource_;
  OpenApiSchemas& schemas_;
  std::string out_;
};

}  // namespace

bool has_own_path(const Resource& resource) {
  if (resource.stored) return true;
  return std::ranges::none_of(kSubresourceKinds, [&](const SubresourceKind& known) {
    return known.kind == resource.kind && known.kind != "Binding";
  });
}

std::string openapi_paths(const Schema& schema, const Resource& resource, OpenApiSchemas& schemas) {
  return PathWriter(schema, resource, schemas).write();
}

}  // namespace podwire::kube
