#pragma once
#include <memory>

#include "base/result.h"
#include "kernel/conntrack/conntrack.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel {

/// Connection tracking of `netns`, which only has to live during this call.
Result<std::unique_ptr<Conntrack>> open_conntrack(const NetNs& netns);

}  // namespace podwire::kernel
