#include "kernel/sysctl/sysctl.h"

namespace podwire::kernel {

Result<> Sysctl::ensure(std::string_view key, std::string_view value) {
  if (TRY(get(key)) == value) return {};
  return set(key, value);
}

}  // namespace podwire::kernel
