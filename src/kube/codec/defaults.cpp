#include "kube/codec/defaults.h"

namespace podwire::kube {
namespace {

void into(const Field& field, json::value& value) {
  const auto one = [&](json::value& v) {
    if (auto* object = v.if_object()) apply_constant_defaults(*field.type.message, *object);
  };
  if (field.type.shape == Type::Shape::one) {
    one(value);
  } else if (auto* list = value.if_array()) {
    for (auto& item : *list) one(item);
  } else if (auto* map = value.if_object()) {
    for (auto& entry : *map) one(entry.value());
  }
}

}  // namespace

void apply_constant_defaults(const Message& message, json::object& object) {
  for (const auto& field : message.fields) {
    if (field.inlined) {
      apply_constant_defaults(*field.type.message, object);
      continue;
    }
    auto* value = object.if_contains(field.name);
    if (value == nullptr && field.default_value)
      value = &object.emplace(field.name, *field.default_value).first->value();
    if (value != nullptr && field.type.kind == Type::Kind::message) into(field, *value);
  }
}

}  // namespace podwire::kube
