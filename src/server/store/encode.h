#pragma once
#include <cstdint>

#include "server/store/object.h"

namespace podwire::server {

/// The state that a write leads to: its JSON in the given order of keys, metadata.resourceVersion being
/// `revision`.
[[nodiscard]] ObjectPtr encode(Write write, std::uint64_t revision, std::uint64_t created);
/// The last state of what is deleted, with the revision of the deletion.
[[nodiscard]] ObjectPtr encode_deleted(const Object& last, std::uint64_t revision);

}  // namespace podwire::server
