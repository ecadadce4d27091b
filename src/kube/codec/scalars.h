#pragma once
#include <string>

#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

enum class Fit : std::uint8_t { fits, wrong_type, bad_text };

/// Whether a JSON value can be a scalar of that kind; brings it into the one form in which it is stored (5.0
/// is 5, a quantity is text).
[[nodiscard]] Fit normalize(Type::Kind kind, json::value& value);

/// Why a text is no such scalar, for Fit::bad_text.
[[nodiscard]] std::string complaint(Type::Kind kind, const json::value& value);

}  // namespace podwire::kube
