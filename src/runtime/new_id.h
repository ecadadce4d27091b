#pragma once
#include <string>

#include "base/result.h"

namespace podwire::runtime {

/// 64 random hexadecimal digits: a container's name that no other ever has.
Result<std::string> new_id();

}  // namespace podwire::runtime
