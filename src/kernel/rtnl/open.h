#pragma once
#include <memory>

#include "kernel/rtnl/rtnl.h"

namespace podwire::kernel {

/// The real rtnetlink of one namespace. The namespace need not outlive the call.
Result<std::unique_ptr<Rtnl>> open_rtnl(const NetNs& netns);

}  // namespace podwire::kernel
