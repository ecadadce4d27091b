#pragma once
#include <sys/types.h>

#include <cstdint>

namespace podwire::oci {

/// A process that cannot be mistaken for a later one with its number: the pid and when it started (in clock
/// ticks since boot, /proc/PID/stat field 22). Only meaningful within one boot.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start = 0;

  /// {0, 0} when there is no such process.
  static ProcessIdentity of(pid_t pid);
  static ProcessIdentity self();
  /// The very same process is there and no zombie.
  [[nodiscard]] bool alive() const;
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

}  // namespace podwire::oci
