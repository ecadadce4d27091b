#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// The components.schemas of one OpenAPI document: everything that was asked for, and whatever that refers
/// to.
class OpenApiSchemas {
 public:
  explicit OpenApiSchemas(const Schema& schema) : schema_(schema) {}

  /// {"$ref": ...}; the message, or the special type, will be among the schemas.
  json::object ref(const Message& message);
  json::object ref(std::string_view special);
  /// The same for a kind and for the list of its objects: their schemas name the kind.
  json::object kind_ref(const Resource& resource);
  json::object list_ref(const Resource& resource);

  /// "name":{...},"name":{...} of all that was referred to, in the order of the names.
  std::string take_text();

 private:
  struct Wanted {
    std::string name;
    const Message* message = nullptr;    ///< nullptr: a list, or a special type
    const Resource* list_of = nullptr;   ///< a list of that kind
    std::vector<const Resource*> kinds;  ///< that the message is
    std::string text;
  };

  Wanted& want(std::string name);
  json::object describe(const Wanted& wanted);
  json::object describe(const Message& message);
  json::object describe_list(const Resource& resource);
  json::object property(const Field& field);
  json::object one(const Type& type);
  void add_fields(const Message& message, json::object& properties, json::array& required);

  const Schema& schema_;
  std::vector<Wanted> wanted_;
};

constexpr std::string_view kMetaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// [{"group":"apps","version":"v1","kind":"Deployment"}]: by this clients find a schema or an operation.
[[nodiscard]] json::object group_version_kind(std::string_view group, std::string_view version,
                                              std::string_view kind);

}  // namespace podwire::kube
