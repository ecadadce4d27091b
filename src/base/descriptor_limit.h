#pragma once
#include <cstddef>

#include "base/result.h"

namespace podwire {

/// Raises this process's soft limit of open files to the hard one, which needs no right. Returns how many
/// that are. Children inherit it.
Result<std::size_t> raise_descriptor_limit();

}  // namespace podwire
