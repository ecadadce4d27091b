#pragma once
#include <deque>
#include <string>
#include <string_view>

#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// The components.schemas of one OpenAPI document: what was referred to, and all that is made of.
class OpenApiSchemas {
 public:
  explicit OpenApiSchemas(const Schema& schema) : schema_(schema) {}

  /// {"$ref": "#/components/schemas/NAME"}
  json::object ref(const Message& message);
  /// To the list of a resource, which the schema does not have: PodList.
  json::object list_ref(const Resource& resource);
  /// To what a PATCH carries: anything.
  json::object patch_ref();
  /// To meta/v1's message of that name ("Status"); any object where the schema does not have it.
  json::object meta_ref(std::string_view name);

  json::object take() &&;

 private:
  json::object made(const Message& message);
  void put_fields(const Message& message, json::object& schema, json::object& properties,
                  json::array& required);
  json::object property(const Field& field);
  json::object element(const Type& type);
  /// The two scalars of several JSON types have names, by which `kubectl explain` calls them.
  json::object named_scalar(Type::Kind kind);
  json::array kinds_of(const Message& message) const;

  const Schema& schema_;
  json::object made_;
  std::deque<const Message*> to_make_;  ///< referred to, not yet in made_: messages may hold themselves
};

}  // namespace podwire::kube
