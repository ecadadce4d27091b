#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/refusal.h"

namespace podwire::client {

/// One line of a watch.
struct WatchEvent {
  enum class Type : std::uint8_t { added, modified, deleted, bookmark } type = Type::added;
  json::object object;         ///< has a name, unless it is a bookmark
  std::uint64_t revision = 0;  ///< metadata.resourceVersion of the object
  bool initial_end = false;    ///< of a bookmark: all that was there when the watch began has come
};

/// nullopt: no number.
[[nodiscard]] std::optional<std::uint64_t> revision_from(std::string_view text);

/// Errors: what an ERROR event says; or nonsense, with code 0 and a sentence.
[[nodiscard]] kube::Answer<WatchEvent> watch_event_from(std::string_view line);

}  // namespace podwire::client
