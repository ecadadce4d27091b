#pragma once
#include <memory>

#include "base/result.h"
#include "kernel/netns/netns.h"
#include "kernel/sysctl/sysctl.h"

namespace podwire::kernel {

/// The sysctls of `netns`, which only has to live during this call. Below net/ a key is the namespace's own;
/// the other keys are the machine's.
Result<std::unique_ptr<Sysctl>> open_sysctl(const NetNs& netns);

}  // namespace podwire::kernel
