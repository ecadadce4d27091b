#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/store/object.h"

namespace podwire::server {

/// Pairs as the file keeps them: of each string the length (4 bytes, the lowest first) and its bytes.
[[nodiscard]] std::string encode_pairs(const Pairs& pairs);
/// nullopt: these bytes are no pairs.
[[nodiscard]] std::optional<Pairs> decode_pairs(std::string_view bytes);

}  // namespace podwire::server
