#pragma once
#include <string>

#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

/// A namespace as sorted text, one object a line. Links go by name and not by index, and sysctls are there
/// when they are not as in a fresh namespace: what was made and taken back leaves no trace.
[[nodiscard]] std::string dump(const Namespace& home);

}  // namespace podwire::kernel::fake
