#include "server/scale.h"

#include "kube/json.h"
#include "kube/rules/label_selector.h"

namespace podwire::server {
namespace {

std::int64_t number_in(const json::object& object, std::string_view outer, std::string_view key) {
  const auto* found = kube::in(object, outer, key);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

json::object scale_of(const kube::Resource&, const json::object& live) {
  json::object meta;
  if (const auto* from = kube::object_in(live, "metadata"))
    for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
      if (const auto* value = from->if_contains(key)) meta[key] = *value;
  json::object status{{"replicas", number_in(live, "status", "replicas")}};
  if (const auto selector = kube::LabelSelector::from_json(kube::object_in(live, "spec", "selector")))
    status["selector"] = selector->str();
  json::object out{{"kind", "Scale"}, {"apiVersion", "autoscaling/v1"}};
  out["metadata"] = std::move(meta);
  out["spec"] = json::object{{"replicas", number_in(live, "spec", "replicas")}};
  out["status"] = std::move(status);
  return out;
}

Registry::Change change_scale(const kube::Resource& resource,
                              std::function<kube::Answer<json::object>(const json::object&)> change) {
  return [&resource, change = std::move(change)](const json::object* live) -> kube::Answer<json::object> {
    const auto scale = TRY(change(scale_of(resource, *live)));
    const auto* wanted = kube::in(scale, "spec", "replicas");
    if (wanted != nullptr && !wanted->is_int64())
      return kube::bad_request("spec.replicas of a Scale is a number");
    json::object out = *live;
    kube::object_at(out, "spec")["replicas"] = wanted != nullptr ? wanted->get_int64() : 0;
    if (const auto revision = kube::text_in(scale, "metadata", "resourceVersion"); !revision.empty())
      kube::object_at(out, "metadata")["resourceVersion"] = revision;
    return out;
  };
}

Registry::Change replace_scale(const kube::Resource& resource, json::object wanted) {
  return change_scale(
      resource,
      [wanted = std::move(wanted)](const json::object&) -> kube::Answer<json::object> { return wanted; });
}

}  // namespace podwire::server
