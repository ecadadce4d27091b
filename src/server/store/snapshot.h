#pragma once
#include "server/store/collection.h"
#include "server/store/event_ring.h"
#include "server/store/read.h"

namespace podwire::server {

/// The list as of `query.revision`, which must not be below the ring's floor: the current objects, with those
/// that changed since then as they were.
[[nodiscard]] Page list_as_of(const Collection& now, const EventRing& since, const ListQuery& query);

}  // namespace podwire::server
