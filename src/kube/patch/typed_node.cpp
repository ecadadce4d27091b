#include "kube/patch/typed_node.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace podwire::kube {

TypedNode TypedNode::of(const Field* field) {
  if (field == nullptr || field->merge == Merge::atomic) return {};
  TypedNode out{.message = field->type.message, .field = field};
  switch (field->type.shape) {
    case Type::Shape::one:
      out.form = field->type.message != nullptr ? Form::message : Form::leaf;
      out.presence = field->pointer;
      break;
    case Type::Shape::map:
      out.form = Form::map;
      out.presence = true;
      break;
    case Type::Shape::list:
      if (field->merge == Merge::set) out.form = Form::set;
      if (field->merge == Merge::keyed && field->type.message != nullptr) out.form = Form::keyed;
      out.presence = !field->required;
      break;
  }
  return out;
}

TypedNode TypedNode::member(std::string_view key) const {
  if (form == Form::map) return element();
  return message != nullptr ? of(message->field(key)) : TypedNode();
}

TypedNode TypedNode::element() const {
  if (message == nullptr || form == Form::leaf) return {.presence = true};
  return {.form = Form::message, .message = message, .presence = true};
}

const json::value* TypedNode::key_in(const json::object& element, std::string_view key) const {
  if (const auto* given = set_in(element, key)) return given;
  const auto* of_key = message->field(key);
  return of_key != nullptr && of_key->default_value ? &*of_key->default_value : nullptr;
}

std::optional<std::string> TypedNode::name_of(const json::value& element) const {
  if (form == Form::set) {
    if (element.is_structured() || element.is_null()) return std::nullopt;
    return "v:" + json::serialize(element);
  }
  const auto* object = element.if_object();
  if (object == nullptr) return std::nullopt;
  auto names = field->list_keys;
  std::ranges::sort(names);
  json::object keys;
  for (const auto& name : names) {
    const auto* value = key_in(*object, name);
    if (value == nullptr || value->is_structured()) return std::nullopt;
    keys[name] = *value;
  }
  return "k:" + json::serialize(keys);
}

}  // namespace podwire::kube
