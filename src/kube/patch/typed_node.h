#pragma once
#include <optional>
#include <string>

#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// One place in an object, as server-side apply sees it by the schema: into what its value can be taken
/// apart. Cheap to copy; lives no longer than the schema.
struct TypedNode {
  enum class Form : std::uint8_t {
    leaf,     ///< a scalar, or something that is owned and replaced whole
    message,  ///< an object with the fields of `message`
    map,      ///< an object with any keys, values as `field` says
    set,      ///< a list of distinct scalars
    keyed,    ///< a list of messages with the keys of `field`
  } form = Form::leaf;
  const Message* message = nullptr;
  const Field* field = nullptr;
  /// Whether to be there at all says something: a map, a pointer, an element.
  bool presence = false;

  [[nodiscard]] static TypedNode root(const Message& message) { return {Form::message, &message}; }
  [[nodiscard]] static TypedNode of(const Field* field);
  /// Of an object's member; a leaf where the schema does not know it.
  [[nodiscard]] TypedNode member(std::string_view key) const;
  /// Of a list's element or a map's value.
  [[nodiscard]] TypedNode element() const;

  /// How FieldsV1 names this element of a set or keyed list; none where it has no such keys.
  [[nodiscard]] std::optional<std::string> name_of(const json::value& element) const;
  /// The value of one of the list's keys, or its default; nullptr: neither is there.
  [[nodiscard]] const json::value* key_in(const json::object& element, std::string_view key) const;
};

/// nullptr for null too: to the API both are "not set".
[[nodiscard]] inline const json::value* set_in(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

}  // namespace podwire::kube
