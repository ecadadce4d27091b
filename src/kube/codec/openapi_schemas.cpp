#include "kube/codec/openapi_schemas.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace podwire::kube {
namespace {

constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1";

json::object ref_to(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::object group_version_kind(std::string_view group, std::string_view version, std::string_view kind) {
  return {{"group", group}, {"kind", kind}, {"version", version}};
}

json::object of_type(std::string_view type, std::string_view format = {}) {
  json::object out{{"type", type}};
  if (!format.empty()) out["format"] = format;
  return out;
}

json::object either(std::string_view a, std::string_view b) {
  return {{"oneOf", json::array{of_type(a), of_type(b)}}};
}

json::object scalar(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::boolean:
      return of_type("boolean");
    case Type::Kind::int32:
      return of_type("integer", "int32");
    case Type::Kind::int64:
      return of_type("integer", "int64");
    case Type::Kind::float64:
      return of_type("number", "double");
    case Type::Kind::bytes:
      return of_type("string", "byte");
    case Type::Kind::time:
    case Type::Kind::micro_time:
      return of_type("string", "date-time");
    case Type::Kind::json:
      return of_type("object");
    default:
      return of_type("string");
  }
}

void put_merge(const Field& f, json::object& out) {
  if (f.type.shape == Type::Shape::list) {
    out["x-kubernetes-list-type"] = f.merge == Merge::keyed ? "map"
                                    : f.merge == Merge::set ? "set"
                                                            : "atomic";
    if (f.merge == Merge::keyed)
      out["x-kubernetes-list-map-keys"] = json::array(f.list_keys.begin(), f.list_keys.end());
  } else if (f.merge == Merge::atomic) {
    out["x-kubernetes-map-type"] = "atomic";
  }
  std::string strategy = f.patch_merge_set || !f.patch_key.empty() ? "merge" : "";
  if (f.retain_keys) strategy += strategy.empty() ? "retainKeys" : ",retainKeys";
  if (!strategy.empty()) out["x-kubernetes-patch-strategy"] = strategy;
  if (!f.patch_key.empty()) out["x-kubernetes-patch-merge-key"] = f.patch_key;
}

}  // namespace

json::object OpenApiSchemas::ref(const Message& message) {
  if (made_.emplace(message.name, nullptr).second) to_make_.push_back(&message);
  return ref_to(message.name);
}

json::object OpenApiSchemas::meta_ref(std::string_view name) {
  const auto* message = schema_.message(fmt::format("{}.{}", kMeta, name));
  return message != nullptr ? ref(*message) : of_type("object");
}

json::object OpenApiSchemas::patch_ref() {
  const auto name = fmt::format("{}.Patch", kMeta);
  auto& schema = made_[name];
  if (schema.is_null()) {
    schema = of_type("object");
    schema.get_object()["description"] = "A change to an object, in the form that the content type names.";
  }
  return ref_to(name);
}

json::object OpenApiSchemas::list_ref(const Resource& r) {
  const auto name = r.message->name + "List";
  if (!made_.contains(name)) {
    const auto described = [](json::object of, std::string_view text) {
      return json::object{{"allOf", json::array{std::move(of)}}, {"description", text}};
    };
    json::object properties;
    for (const std::string_view key : {"apiVersion", "kind"})
      if (const auto* f = r.message->field(key)) properties[key] = property(*f);
    properties["metadata"] =
        described(meta_ref("ListMeta"), "The revision of the list, and whether more follows.");
    properties["items"] = {{"description", "The objects."}, {"type", "array"}, {"items", ref(*r.message)}};
    made_[name] = {{"description", fmt::format("Objects of the kind {}.", r.kind)},
                   {"type", "object"},
                   {"required", json::array{"items"}},
                   {"properties", std::move(properties)},
                   {"x-kubernetes-group-version-kind",
                    json::array{group_version_kind(r.group, r.version, r.kind + "List")}}};
  }
  return ref_to(name);
}

json::object OpenApiSchemas::take() && {
  for (; !to_make_.empty(); to_make_.pop_front()) {
    auto schema = made(*to_make_.front());  // which may refer to more
    made_[to_make_.front()->name] = std::move(schema);
  }
  return std::move(made_);
}

json::object OpenApiSchemas::made(const Message& message) {
  json::object out;
  if (!message.description.empty()) out["description"] = message.description;
  out["type"] = "object";
  json::object properties;
  json::array required;
  put_fields(message, out, properties, required);
  if (!required.empty()) out["required"] = std::move(required);
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (auto kinds = kinds_of(message); !kinds.empty())
    out["x-kubernetes-group-version-kind"] = std::move(kinds);
  return out;
}

void OpenApiSchemas::put_fields(const Message& message, json::object& schema, json::object& properties,
                                json::array& required) {
  for (const auto& f : message.fields) {
    if (f.inlined) {
      put_fields(*f.type.message, schema, properties, required);
      if (f.merge == Merge::atomic) schema["x-kubernetes-map-type"] = "atomic";
      continue;
    }
    if (f.required) required.emplace_back(f.name);
    properties[f.name] = property(f);
  }
}

json::object OpenApiSchemas::property(const Field& f) {
  json::object out;
  switch (f.type.shape) {
    case Type::Shape::one:
      out = element(f.type);
      break;
    case Type::Shape::list:
      out = of_type("array");
      out["items"] = element(f.type);
      break;
    case Type::Shape::map:
      out = of_type("object");
      // The only maps of no fixed type are those of a user's "extra": lists of text.
      out["additionalProperties"] = f.type.kind == Type::Kind::json
                                        ? json::object{{"type", "array"}, {"items", of_type("string")}}
                                        : element(f.type);
      break;
  }
  json::object more;
  if (!f.description.empty()) more["description"] = f.description;
  if (f.default_value) more["default"] = *f.default_value;
  if (!f.values.empty()) more["enum"] = json::array(f.values.begin(), f.values.end());
  put_merge(f, more);
  if (more.empty()) return out;
  // OpenAPI 3.0 ignores whatever stands beside a $ref.
  if (out.contains("$ref")) out = {{"allOf", json::array{std::move(out)}}};
  for (auto& [key, value] : more) out[key] = std::move(value);
  return out;
}

json::object OpenApiSchemas::element(const Type& type) {
  switch (type.kind) {
    case Type::Kind::message:
      return ref(*type.message);
    case Type::Kind::quantity:
    case Type::Kind::int_or_string:
      return named_scalar(type.kind);
    default:
      return scalar(type.kind);
  }
}

json::object OpenApiSchemas::named_scalar(Type::Kind kind) {
  const bool quantity = kind == Type::Kind::quantity;
  const std::string_view name = quantity ? "io.k8s.apimachinery.pkg.api.resource.Quantity"
                                         : "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
  auto& schema = made_[name];
  if (schema.is_null()) {
    auto made = quantity ? either("string", "number") : either("integer", "string");
    if (!quantity) made["format"] = "int-or-string";
    made["description"] = quantity ? "An amount: 500m is half of one, 64Mi is 64 times 1024 times 1024."
                                   : "A number, or a name or percentage.";
    schema = std::move(made);
  }
  return ref_to(name);
}

json::array OpenApiSchemas::kinds_of(const Message& message) const {
  json::array out;
  for (const auto& r : schema_.resources())
    if (r.message == &message) out.push_back(group_version_kind(r.group, r.version, r.kind));
  if (message.name == fmt::format("{}.Status", kMeta)) out.push_back(group_version_kind("", "v1", "Status"));
  if (message.name != fmt::format("{}.DeleteOptions", kMeta)) return out;
  const Resource* before = nullptr;  // every group has this one; the schema's resources stand group by group
  for (const auto& r : schema_.resources()) {
    if (before == nullptr || before->group != r.group || before->version != r.version) {
      auto kind = group_version_kind(r.group, r.version, "DeleteOptions");
      if (std::ranges::find(out, json::value(kind)) == out.end()) out.push_back(std::move(kind));
    }
    before = &r;
  }
  return out;
}

}  // namespace podwire::kube
