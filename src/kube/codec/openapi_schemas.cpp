#include "kube/codec/openapi_schemas.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

using Kind = Type::Kind;
using Shape = Type::Shape;

constexpr std::string_view kQuantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
constexpr std::string_view kIntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
constexpr std::string_view kTime = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
constexpr std::string_view kMicroTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
constexpr std::string_view kDuration = "io.k8s.apimachinery.pkg.apis.meta.v1.Duration";

json::object special_schema(std::string_view name) {
  if (name == kQuantity)
    return {{"description", "An amount: a number with a suffix, such as 500m, 1.5, 128Mi, 10G or 1e3."},
            {"oneOf", json::array{{{"type", "string"}}, {{"type", "number"}}}}};
  if (name == kIntOrString)
    return {{"description", "A number, or a text: the name of a port, a percentage."},
            {"format", "int-or-string"},
            {"oneOf", json::array{{{"type", "integer"}}, {{"type", "string"}}}}};
  if (name == kTime)
    return {{"description", "A moment, as RFC 3339 writes it."}, {"format", "date-time"}, {"type", "string"}};
  if (name == kMicroTime)
    return {{"description", "A moment to the microsecond, as RFC 3339 writes it."},
            {"format", "date-time"},
            {"type", "string"}};
  if (name == kDuration) return {{"description", "A span of time, such as 1h30m."}, {"type", "string"}};
  return {{"description", "The body of a PATCH."}, {"type", "object"}};
}

json::object ref_to(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::array list_of(const std::vector<std::string>& names) { return json::array(names.begin(), names.end()); }

/// How server-side apply and strategic merge patch treat the field.
void add_merge_keys(const Field& f, json::object& out) {
  if (f.type.shape == Shape::list) {
    constexpr std::string_view kNames[] = {"atomic", "atomic", "set", "map"};
    out["x-kubernetes-list-type"] = kNames[static_cast<std::size_t>(f.merge)];
    if (!f.list_keys.empty()) out["x-kubernetes-list-map-keys"] = list_of(f.list_keys);
  } else if (f.merge == Merge::atomic) {
    out["x-kubernetes-map-type"] = "atomic";
  }
  const bool merges = !f.patch_key.empty() || f.patch_merge_set;
  if (!f.patch_key.empty()) out["x-kubernetes-patch-merge-key"] = f.patch_key;
  if (merges || f.retain_keys)
    out["x-kubernetes-patch-strategy"] = !f.retain_keys ? "merge"
                                         : merges       ? "merge,retainKeys"
                                                        : "retainKeys";
}

}  // namespace

json::object group_version_kind(std::string_view group, std::string_view version, std::string_view kind) {
  return {{"group", group}, {"kind", kind}, {"version", version}};
}

OpenApiSchemas::Wanted& OpenApiSchemas::want(std::string name) {
  const auto found = std::ranges::find(wanted_, name, &Wanted::name);
  return found != wanted_.end() ? *found : wanted_.emplace_back(Wanted{.name = std::move(name)});
}

json::object OpenApiSchemas::ref(const Message& message) {
  want(message.name).message = &message;
  return ref_to(message.name);
}

json::object OpenApiSchemas::ref(std::string_view special) {
  want(std::string(special));
  return ref_to(special);
}

json::object OpenApiSchemas::kind_ref(const Resource& resource) {
  auto out = ref(*resource.message);
  auto& kinds = want(resource.message->name).kinds;
  if (std::ranges::find(kinds, &resource) == kinds.end()) kinds.push_back(&resource);
  return out;
}

json::object OpenApiSchemas::list_ref(const Resource& resource) {
  auto& wanted = want(resource.message->name + "List");
  wanted.list_of = &resource;
  return ref_to(wanted.name);
}

json::object OpenApiSchemas::one(const Type& type) {
  switch (type.kind) {
    case Kind::string:
      return {{"type", "string"}};
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::int32:
      return {{"format", "int32"}, {"type", "integer"}};
    case Kind::int64:
      return {{"format", "int64"}, {"type", "integer"}};
    case Kind::float64:
      return {{"format", "double"}, {"type", "number"}};
    case Kind::bytes:
      return {{"format", "byte"}, {"type", "string"}};
    case Kind::quantity:
      return ref(kQuantity);
    case Kind::int_or_string:
      return ref(kIntOrString);
    case Kind::time:
      return ref(kTime);
    case Kind::micro_time:
      return ref(kMicroTime);
    case Kind::duration:
      return ref(kDuration);
    case Kind::message:
      return ref(*type.message);
    case Kind::json:
      break;
  }
  if (type.shape == Shape::map)  // the extra of a user: lists of text
    return {{"items", {{"type", "string"}}}, {"type", "array"}};
  return {{"type", "object"}};
}

json::object OpenApiSchemas::property(const Field& f) {
  auto inner = one(f.type);
  json::object out;
  if (inner.contains("$ref"))
    inner = {{"allOf", json::array{std::move(inner)}}};  // $ref bears nothing beside it
  switch (f.type.shape) {
    case Shape::one:
      out = std::move(inner);
      break;
    case Shape::list:
      out = {{"items", std::move(inner)}, {"type", "array"}};
      break;
    case Shape::map:
      out = {{"additionalProperties", std::move(inner)}, {"type", "object"}};
      break;
  }
  if (f.default_value) out["default"] = *f.default_value;
  if (!f.description.empty()) out["description"] = f.description;
  if (!f.values.empty() && f.type.shape == Shape::one) out["enum"] = list_of(f.values);
  add_merge_keys(f, out);
  return out;
}

void OpenApiSchemas::add_fields(const Message& message, json::object& properties, json::array& required) {
  for (const auto& f : message.fields) {
    if (f.inlined) {
      add_fields(*f.type.message, properties, required);
      continue;
    }
    properties[f.name] = property(f);
    if (f.required) required.emplace_back(f.name);
  }
}

json::object OpenApiSchemas::describe(const Message& message) {
  json::object properties;
  json::array required;
  add_fields(message, properties, required);
  json::object out{{"type", "object"}};
  if (!message.description.empty()) out["description"] = message.description;
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

json::object OpenApiSchemas::describe_list(const Resource& r) {
  const auto* meta = schema_.message(std::string(kMetaPackage) + "ListMeta");
  json::object properties{
      {"apiVersion",
       {{"description", "The group and version that this list is written in."}, {"type", "string"}}},
      {"kind", {{"description", "What this list is."}, {"type", "string"}}},
      {"items",
       {{"description", "The objects."},
        {"items", {{"allOf", json::array{kind_ref(r)}}}},
        {"type", "array"}}}};
  if (meta != nullptr)
    properties["metadata"] = {{"allOf", json::array{ref(*meta)}},
                              {"description", "What the list says of itself."}};
  return {{"type", "object"},
          {"description", fmt::format("A list of objects of the kind {}.", r.kind)},
          {"properties", std::move(properties)},
          {"required", json::array{"items"}}};
}

json::object OpenApiSchemas::describe(const Wanted& wanted) {
  if (wanted.list_of != nullptr) {
    const auto& r = *wanted.list_of;
    auto out = describe_list(r);
    out["x-kubernetes-group-version-kind"] =
        json::array{group_version_kind(r.group, r.version, fmt::format("{}List", r.kind))};
    return out;
  }
  if (wanted.message == nullptr) return special_schema(wanted.name);
  auto out = describe(*wanted.message);
  json::array kinds;
  for (const auto* r : wanted.kinds) kinds.push_back(group_version_kind(r->group, r->version, r->kind));
  if (!kinds.empty()) out["x-kubernetes-group-version-kind"] = std::move(kinds);
  return out;
}

std::string OpenApiSchemas::take_text() {
  // Describing one may ask for more, which moves the list: first all that is referred to, then the order.
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const auto wanted = wanted_[i];
    auto text = json::serialize(describe(wanted));
    wanted_[i].text = std::move(text);
  }
  std::ranges::sort(wanted_, {}, &Wanted::name);
  std::string out;
  for (const auto& wanted : wanted_)
    out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", wanted.name, wanted.text);
  wanted_.clear();
  return out;
}

}  // namespace podwire::kube
