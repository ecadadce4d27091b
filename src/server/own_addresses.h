#pragma once
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::server {

/// The addresses of this machine (of its network namespace) by which others can reach it, in the kernel's
/// order: neither loopback nor link-local ones.
Result<std::vector<IpAddr>> own_addresses();

}  // namespace podwire::server
