#pragma once
#include <memory>

#include "base/result.h"
#include "kernel/netns/netns.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::kernel {

/// The kernel's rtnetlink of a namespace. The namespace stays alive as long as the returned object does.
Result<std::unique_ptr<Rtnl>> open_rtnl(const NetNs& netns);

}  // namespace podwire::kernel
