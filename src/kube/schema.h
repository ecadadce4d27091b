#pragma once
#include <boost/json/value.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace podwire::kube {

struct Message;

/// What one value is, seen from JSON. `message` is set for kind message only.
struct Type {
  enum class Kind : std::uint8_t {
    string,
    boolean,
    int32,
    int64,
    float64,
    bytes,  ///< bytes: base64 in JSON
    quantity,
    int_or_string,
    time,
    micro_time,
    duration,
    json,  ///< any JSON value (RawExtension, FieldsV1)
    message,
  } kind = Kind::string;
  enum class Shape : std::uint8_t { one, list, map } shape = Shape::one;  ///< map: keys are strings
  const Message* message = nullptr;
};

/// How server-side apply treats a list (x-kubernetes-list-type), and a map or a message
/// (x-kubernetes-map-type).
enum class Merge : std::uint8_t {
  granular,  ///< messages and maps: field by field (the default for them)
  atomic,    ///< replaced whole (the default for lists)
  set,       ///< a list of distinct scalars
  keyed,     ///< a list of messages told apart by `list_keys`
};

/// One field of a message. Names, numbers and keys are Kubernetes' (k8s.io/api types and generated.proto).
struct Field {
  std::string name;          ///< in JSON
  std::uint32_t number = 0;  ///< in protobuf; 0: it has none there
  Type type;
  bool pointer = false;   ///< a pointer in Go: a zero that arrives by protobuf is kept (replicas: 0)
  bool required = false;  ///< the API requires it (OpenAPI "required")
  bool inlined = false;   ///< in JSON its fields stand in the message that has it (protobuf nests it)
  Merge merge = Merge::granular;
  std::vector<std::string> list_keys;  ///< for Merge::keyed
  std::string patch_key;               ///< strategic merge patch: merge by this key ("" replaces the list)
  bool patch_merge_set = false;     ///< strategic merge patch: a list of scalars that is merged (finalizers)
  bool retain_keys = false;         ///< strategic merge patch: $retainKeys (volumes, deployment strategy)
  std::vector<std::string> values;  ///< of an enumeration; empty: any
  std::optional<boost::json::value> default_value;  ///< where Kubernetes' defaulting fills in a constant
  std::string description;
};

/// A JSON object with known fields. Owned by its Schema.
struct Message {
  std::string name;  ///< as in OpenAPI: "io.k8s.api.core.v1.PodSpec"
  std::string description;
  std::vector<Field> fields;  ///< in the order of their declaration

  /// In inlined messages too, as JSON has it. nullptr: unknown.
  [[nodiscard]] const Field* field(std::string_view json_name) const;
};

/// A kind that can be stored or posted, and the resource by which it is reached.
struct Resource {
  std::string group, version, kind;  ///< "", "v1", "Pod"
  std::string plural, singular;      ///< "pods", "pod"
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool stored = true;    ///< false: only posted (TokenReview, Binding) or a subresource's body (Scale)
  bool has_path = true;  ///< false: only a subresource's body (Scale)
  std::vector<std::string> subresources;  ///< "status", "scale", "log"...
  const Message* message = nullptr;

  [[nodiscard]] std::string api_version() const { return group.empty() ? version : group + "/" + version; }
};

/// Every kind that podwire's API knows, with all their fields: what protobuf decoding, unknown-field checks,
/// defaults, patches, apply and OpenAPI are driven by. One table, read from text (src/kube/schema/*.schema,
/// embedded in the program). Immutable after parsing, safe to share between threads; messages and resources
/// live as long as it does.
class Schema {
 public:
  /// The files' text one after the other. An error names line and what was expected.
  static Result<Schema> parse(std::string_view text);
  /// The embedded one; parsed once, at first use (about a millisecond).
  static const Schema& builtin();

  Schema(Schema&&) noexcept = default;
  Schema& operator=(Schema&&) noexcept = default;

  [[nodiscard]] const Resource* resource(std::string_view group, std::string_view version,
                                         std::string_view plural) const;
  [[nodiscard]] const Resource* kind(std::string_view api_version, std::string_view kind) const;
  [[nodiscard]] const Message* message(std::string_view openapi_name) const;
  [[nodiscard]] const std::deque<Resource>& resources() const { return resources_; }  ///< in the files' order
  [[nodiscard]] const std::deque<Message>& messages() const { return messages_; }

 private:
  Schema() = default;
  friend class SchemaParser;
  std::deque<Message> messages_;  // deques: their elements never move
  std::deque<Resource> resources_;
};

}  // namespace podwire::kube
