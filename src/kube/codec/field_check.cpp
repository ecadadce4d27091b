#include "kube/codec/field_check.h"

#include <fmt/format.h>

#include "kube/codec/json_reader.h"
#include "kube/codec/scalars.h"

namespace podwire::kube {
namespace {

using Kind = Type::Kind;
using Shape = Type::Shape;

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

/// "v1.PodSpec": the version and the type of "io.k8s.api.core.v1.PodSpec".
std::string_view go_struct(const Message& message) {
  const std::string_view name = message.name;
  const auto dot = name.rfind('.', name.rfind('.') - 1);
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::string_view go_scalar(const Type& type) {
  switch (type.kind) {
    case Kind::string:
      return "string";
    case Kind::boolean:
      return "bool";
    case Kind::int32:
      return "int32";
    case Kind::int64:
      return "int64";
    case Kind::float64:
      return "float64";
    case Kind::bytes:
      return "[]uint8";
    case Kind::quantity:
      return "resource.Quantity";
    case Kind::int_or_string:
      return "intstr.IntOrString";
    case Kind::time:
      return "v1.Time";
    case Kind::micro_time:
      return "v1.MicroTime";
    case Kind::duration:
      return "v1.Duration";
    case Kind::json:
      return "runtime.RawExtension";
    case Kind::message:
      return go_struct(*type.message);
  }
  return "";
}

std::string go_type(const Type& type) {
  constexpr std::string_view kShapes[] = {"", "[]", "map[string]"};
  return fmt::format("{}{}", kShapes[static_cast<std::size_t>(type.shape)], go_scalar(type));
}

/// Without what was set to null. Erasing one by one would cost the square of their number.
void drop_nulls(json::object& object) {
  json::object kept(object.storage());
  kept.reserve(object.size());
  for (auto& entry : object)
    if (!entry.value().is_null()) kept.emplace(entry.key(), std::move(entry.value()));
  object = std::move(kept);
}

}  // namespace

Answer<> FieldCheck::walk(const Message& message, json::object& object, const Step* at) {
  bool dropped = false;
  for (auto& entry : object) {
    auto& v = entry.value();
    const std::string_view name = entry.key();
    const auto* field = message.field(name);
    if (field == nullptr) {
      report_unknown(name, at);
      v = nullptr;
    } else if (!v.is_null()) {
      TRY(value(field->type, v, Step{.up = at, .name = name, .owner = &message}));
      if (zeros_ == Zeros::drop && !field->pointer && !field->required && is_zero(field->type, v))
        v = nullptr;
    }
    dropped = dropped || v.is_null();
  }
  if (dropped) drop_nulls(object);
  return {};
}

Answer<> FieldCheck::value(const Type& type, json::value& v, const Step& at) {
  if (type.shape == Shape::one) return one(type, v, at);
  if (type.shape == Shape::list) {
    if (!v.is_array()) return wrong_type(type, v, at);
    auto& list = v.get_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].is_null())
        list[i] = zero(type.kind);
      else
        TRY(one(type, list[i], Step{.up = &at, .index = i}));
    }
    return {};
  }
  if (!v.is_object()) return wrong_type(type, v, at);
  for (auto& entry : v.get_object()) {
    if (entry.value().is_null())
      entry.value() = zero(type.kind);
    else
      TRY(one(type, entry.value(), Step{.up = &at, .name = entry.key()}));
  }
  return {};
}

Answer<> FieldCheck::one(const Type& type, json::value& v, const Step& at) {
  const bool fits = TRY(normalize(type.kind, v));
  if (!fits) return wrong_type(Type{.kind = type.kind, .message = type.message}, v, at);
  return type.kind == Kind::message ? walk(*type.message, v.get_object(), &at) : Answer<>();
}

std::string FieldCheck::path_of(const Step* at) {
  std::vector<const Step*> steps;
  for (; at != nullptr; at = at->up) steps.push_back(at);
  std::string out;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if ((*it)->index != Step::kNoIndex)
      out += fmt::format("[{}]", (*it)->index);
    else
      out.append(out.empty() ? "" : ".").append((*it)->name);
  }
  return out;
}

void FieldCheck::report_unknown(std::string_view name, const Step* at) {
  if (unknown_.size() >= kMaxProblems || unknown_bytes_ >= kMaxProblemBytes) return;
  const auto path = path_of(at);
  unknown_.push_back(fmt::format("unknown field \"{}{}{}\"", path, path.empty() ? "" : ".", name));
  unknown_bytes_ += unknown_.back().size();
}

/// Go names the innermost struct, and the fields on the way to it: neither indices nor keys of maps.
std::unexpected<Status> FieldCheck::wrong_type(const Type& type, const json::value& v, const Step& at) {
  std::string path;
  const Message* owner = nullptr;
  for (const auto* step = &at; step != nullptr; step = step->up) {
    if (step->owner == nullptr) continue;
    if (owner == nullptr) owner = step->owner;
    path = path.empty() ? std::string(step->name) : fmt::format("{}.{}", step->name, path);
  }
  const bool number_out_of_range =
      v.is_number() && type.shape == Shape::one && (type.kind == Kind::int32 || type.kind == Kind::int64);
  return bad_request(fmt::format("json: cannot unmarshal {}{} into Go struct field {}.{} of type {}",
                                 go_name(v), number_out_of_range ? " " + number_text(v) : "",
                                 owner != nullptr ? last_part(owner->name) : "", path, go_type(type)));
}

}  // namespace podwire::kube
