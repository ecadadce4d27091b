#pragma once
#include <string>
#include <string_view>

#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// Brings a JSON value into the one form in which a scalar of that kind is stored: 5.0 is 5, the quantity 0.5
/// is "500m", a time is in UTC. False: it is a JSON value of another type. The refusal of a text that is none
/// says why in Kubernetes' words.
[[nodiscard]] Answer<bool> normalize(Type::Kind kind, json::value& value);

/// What stands for null in a list or a map.
[[nodiscard]] json::value zero(Type::Kind kind);
/// Whether Go leaves this value of a field out that is no pointer ("omitempty"): 0, "", false, no elements.
/// An object with known fields is always there, and so is a quantity.
[[nodiscard]] bool is_zero(const Type& type, const json::value& value);

/// What Go's decoder calls a JSON value: "string", "bool", "number", "array", "object".
[[nodiscard]] std::string_view go_name(const json::value& value);
/// A number as people write it: "0.5", where JSON has "5E-1".
[[nodiscard]] std::string number_text(const json::value& value);

}  // namespace podwire::kube
