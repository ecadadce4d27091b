#include <fmt/format.h>

#include <algorithm>

#include "kube/codec/decode.h"
#include "kube/json.h"
#include "server/api.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::object_at;
using kube::text_in;

/// A whole success, in as many words as Kubernetes needs.
Reply done() {
  return reply_of(json::object{{"kind", "Status"},
                               {"apiVersion", "v1"},
                               {"metadata", json::object()},
                               {"status", "Success"},
                               {"code", 201}},
                  201);
}

Answer<> check_binding(const json::object& binding) {
  const auto name = text_in(binding, "metadata", "name");
  const auto kind = text_in(binding, "target", "kind");
  kube::Status wrong{.code = 422, .reason = "Invalid", .name = std::string(name), .kind = "Binding"};
  if (!kind.empty() && kind != "Node")
    wrong.causes.push_back(
        {"FieldValueNotSupported",
         fmt::format("Unsupported value: \"{}\": supported values: \"Node\", \"<empty>\"", kind),
         "target.kind"});
  if (text_in(binding, "target", "name").empty())
    wrong.causes.push_back({"FieldValueRequired", "Required value", "target.name"});
  if (wrong.causes.empty()) return {};
  std::string all;
  for (const auto& cause : wrong.causes)
    all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", cause.field, cause.message);
  if (wrong.causes.size() > 1) all = "[" + all + "]";
  wrong.message = fmt::format("Binding \"{}\" is invalid: {}", name, all);
  return std::unexpected(std::move(wrong));
}

/// Why a pod cannot be put on a node (any more); empty: it can.
std::string obstacle(const json::object& pod, const json::object& binding) {
  const auto name = text_in(pod, "metadata", "name");
  const auto uid = text_in(binding, "metadata", "uid");
  if (const auto is = text_in(pod, "metadata", "uid"); !uid.empty() && uid != is)
    return fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid, is);
  const auto revision = text_in(binding, "metadata", "resourceVersion");
  if (const auto is = text_in(pod, "metadata", "resourceVersion"); !revision.empty() && revision != is)
    return fmt::format(
        "Precondition failed: ResourceVersion in precondition: {}, ResourceVersion in object meta: {}",
        revision, is);
  if (!text_in(pod, "metadata", "deletionTimestamp").empty())
    return fmt::format("pod {} is being deleted, cannot be assigned to a host", name);
  if (const auto node = text_in(pod, "spec", "nodeName"); !node.empty())
    return fmt::format("pod {} is already assigned to node \"{}\"", name, node);
  if (const auto* gates = kube::array_in(pod, "spec", "schedulingGates"); gates != nullptr && !gates->empty())
    return fmt::format("pod {} has non-empty .spec.schedulingGates", name);
  return {};
}

void set_scheduled(json::object& pod, std::chrono::sys_seconds now) {
  auto& list = object_at(pod, "status")["conditions"];
  auto& conditions = list.is_array() ? list.get_array() : list.emplace_array();
  json::object wanted{{"type", "PodScheduled"},
                      {"status", "True"},
                      {"lastProbeTime", nullptr},
                      {"lastTransitionTime", rfc3339(now)}};
  for (auto& item : conditions) {
    auto* condition = item.if_object();
    if (condition == nullptr || text_in(*condition, "type") != "PodScheduled") continue;
    if (text_in(*condition, "status") == "True")
      if (const auto* since = condition->if_contains("lastTransitionTime"))
        wanted["lastTransitionTime"] = *since;
    item = std::move(wanted);
    return;
  }
  conditions.emplace_back(std::move(wanted));
}

/// The pod on its node, with all that the binding says beside that.
Registry::Change assignment(json::object binding, std::chrono::sys_seconds now) {
  return [binding = std::move(binding), now](const json::object* live) -> Answer<json::object> {
    if (const auto why = obstacle(*live, binding); !why.empty())
      return kube::conflict({"", "pods/binding"}, text_in(*live, "metadata", "name"), why);
    json::object pod = *live;
    object_at(pod, "spec")["nodeName"] = text_in(binding, "target", "name");
    object_at(pod, "status").erase("nominatedNodeName");
    auto& meta = object_at(pod, "metadata");
    if (const auto* annotations = kube::object_in(binding, "metadata", "annotations"))
      for (const auto& [key, value] : *annotations) object_at(meta, "annotations")[key] = value;
    if (const auto* labels = kube::object_in(binding, "metadata", "labels"))
      for (const auto& [key, value] : *labels) object_at(meta, "labels").emplace(key, value);
    set_scheduled(pod, now);
    return pod;
  };
}

bool is_answered_by_node(std::string_view subresource) {
  return subresource == "log" || subresource == "exec" || subresource == "attach" ||
         subresource == "portforward";
}

}  // namespace

bool Api::is_for_node(const ApiRequest& request) {
  const auto path = resource_path(request.path);
  return path && path->group.empty() && path->resource == "pods" && !path->name.empty() &&
         is_answered_by_node(path->subresource);
}

Answer<NodeCall> Api::call_of(const ApiRequest& request) const {
  const auto path = resource_path(request.path);
  if (!path) return kube::no_such_resource();
  const bool log = path->subresource == "log";
  const auto verb = verb_of(request.method, *path, false);
  if (verb != "get" && (log || verb != "create")) return kube::method_not_allowed();
  TRY(authorize(request, *path, verb));
  // A stream into a pod changes things, whatever the method that it begins with: WebSockets begin with GET.
  if (!log && verb == "get") TRY(authorize(request, *path, "create"));
  const auto target = TRY(target_of(request, *path));
  const auto pod = parse_stored(*TRY(registry_.get(*target.resource, target.place())));
  const auto node_name = TRY(node_of(pod));
  const auto& nodes = *registry_.schema().resource("", "v1", "nodes");
  const auto node = parse_stored(*TRY(registry_.get(nodes, {"", node_name})));
  return node_call(pod, node, path->subresource, request.query);
}

/// POST of a Binding, on the pod or to the collection of bindings.
Task<Answer<Reply>> Api::bind(const ApiRequest& request, const ApiTarget& target) {
  auto options = write_options(request.query);
  if (!options) co_return std::unexpected(options.error());
  auto binding = body_of(request, &options->duplicates);
  if (!binding) co_return std::unexpected(binding.error());
  static const kube::Resource& kBinding = *kube::Schema::builtin().kind("v1", "Binding");
  auto warnings = kube::check_fields(kBinding, *binding, options->field_validation, options->duplicates);
  if (!warnings) co_return std::unexpected(warnings.error());
  Place place = target.place();
  const auto named = text_in(*binding, "metadata", "name");
  if (place.name.empty()) place.name = named;
  if (!named.empty() && named != place.name)
    co_return kube::bad_request("name in URL does not match name in Binding object");
  if (const auto ns = text_in(*binding, "metadata", "namespace"); !ns.empty() && ns != place.ns)
    co_return kube::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  if (const auto sound = check_binding(*binding); !sound) co_return std::unexpected(sound.error());
  const auto& pods = *registry_.schema().resource("", "v1", "pods");
  auto change = assignment(std::move(*binding), registry_.world().now());
  const auto written =
      co_await registry_.update(pods, std::move(place), "binding", std::move(change), Author{}, *options);
  if (!written) co_return std::unexpected(written.error());
  auto reply = done();
  reply.warnings = std::move(*warnings);
  co_return reply;
}

/// POST of an Eviction: a deletion that a budget could object to, had the API budgets.
Task<Answer<Reply>> Api::evict(const ApiRequest& request, const ApiTarget& target) {
  auto options = write_options(request.query);
  if (!options) co_return std::unexpected(options.error());
  auto eviction = body_of(request, &options->duplicates);
  if (!eviction) co_return std::unexpected(eviction.error());
  static const kube::Resource& kEviction = *kube::Schema::builtin().kind("policy/v1", "Eviction");
  auto warnings = kube::check_fields(kEviction, *eviction, options->field_validation, options->duplicates);
  if (!warnings) co_return std::unexpected(warnings.error());
  if (const auto named = text_in(*eviction, "metadata", "name"); !named.empty() && named != target.path.name)
    co_return kube::bad_request("name in URL does not match name in Eviction object");
  static const json::object kNone;
  const auto* said = kube::object_in(*eviction, "deleteOptions");
  auto deletion = delete_options(said != nullptr ? *said : kNone);
  if (!deletion) co_return std::unexpected(deletion.error());
  deletion->dry_run = deletion->dry_run || options->dry_run;
  const auto removed =
      co_await registry_.remove(*target.resource, target.place(), *deletion, check_of(request, target));
  if (!removed) co_return std::unexpected(removed.error());
  auto reply = done();
  reply.warnings = std::move(*warnings);
  co_return reply;
}

}  // namespace podwire::server
