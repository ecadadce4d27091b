#pragma once
#include <string>
#include <string_view>

#include "server/registry.h"

namespace podwire::server {

/// An Event that the server itself has to tell.
struct Occurrence {
  std::string api_version, kind, ns, name, uid;  ///< what it happened to
  std::string reason, message;
  std::string component;  ///< who says so
};

/// Writes it down as an Event of type Warning; one that says the same of the same object is counted instead.
/// Best effort: who tells it goes on either way.
Task<void> record_warning(Registry& registry, Occurrence occurrence);

}  // namespace podwire::server
