#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::kernel {

/// /proc/sys of ONE network namespace. Keys as path below /proc/sys, so that a link's name may hold dots:
/// "net/ipv4/ip_forward", "net/ipv4/conf/eth0.5/rp_filter". Synchronous, not thread-safe.
class Sysctl {
 public:
  virtual ~Sysctl() = default;
  /// Without the trailing newline. ENOENT: this kernel or namespace has no such key.
  virtual Result<std::string> get(std::string_view key) = 0;
  virtual Result<> set(std::string_view key, std::string_view value) = 0;
  /// Writes only when it differs: reading is cheap, and writing some keys (ip_forward) resets others.
  Result<> ensure(std::string_view key, std::string_view value);
};

}  // namespace podwire::kernel
