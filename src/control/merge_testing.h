#pragma once
#include "kube/json.h"

namespace podwire::control::testing {

/// For tests: a JSON merge patch (RFC 7386), as an API server does it.
inline void merge(kube::json::value& into, const kube::json::value& patch) {
  if (!patch.is_object()) {
    into = patch;
    return;
  }
  if (!into.is_object()) into.emplace_object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      into.get_object().erase(member.key());
    } else {
      merge(into.get_object()[member.key()], member.value());
    }
  }
}

}  // namespace podwire::control::testing
