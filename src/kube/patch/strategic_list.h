#pragma once
#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

/// The parts of a strategic merge patch; see strategic.h.
namespace podwire::kube::strategic {

inline constexpr std::string_view kDirective = "$patch";
inline constexpr std::string_view kRetainKeys = "$retainKeys";
inline constexpr std::string_view kOrderPrefix = "$setElementOrder/";
inline constexpr std::string_view kDeletePrefix = "$deleteFromPrimitiveList/";

/// What a patch says about one list. Null: nothing.
struct ListPatch {
  const json::array* items = nullptr;
  const json::array* order = nullptr;    ///< $setElementOrder
  const json::array* removed = nullptr;  ///< $deleteFromPrimitiveList
};

/// An object patched; `message` is nullptr where the schema does not know it.
Answer<json::object> merge(const Message* message, json::object live, const json::object& patch);
/// A list of messages that Field::patch_key tells apart.
Answer<json::array> merge_keyed(const Field& field, json::array live, const ListPatch& patch);
/// A list of scalars of which each is there once.
Answer<json::array> merge_set(std::string_view name, json::array live, const ListPatch& patch);

}  // namespace podwire::kube::strategic
