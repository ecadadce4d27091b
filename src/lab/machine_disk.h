#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::lab {

/// What a machine keeps while it is switched off: a directory, best in memory (a tmpfs), that holds all that
/// is written below the machine's /etc, /opt and /var. What the real machine has there is seen, and never
/// changed. Empty at first, whatever the real machine has there: /var/lib/podwire, /etc/cni, /opt/cni. /run
/// is not kept, and /proc/sys/kernel/random/boot_id is another one at each start, as on a real machine.
class MachineDisk {
 public:
  /// Makes what is missing below `directory`, whose file system has to be able to hold an overlay's upper
  /// layer.
  static Result<MachineDisk> open(const std::string& directory);

  /// How a file that was written below /etc, /opt or /var is reached from outside, also while the machine is
  /// off.
  [[nodiscard]] static std::string outside_path(const std::string& directory, const std::string& inside);

  /// In the machine's first process, which has a mount namespace and a /proc of its own. nullptr, or what
  /// failed (errno). Asks for no memory.
  [[nodiscard]] const char* mount_here() const noexcept;

 private:
  struct Mount {
    std::string source, target, options;
    const char* verb;
    bool make_target;
  };
  MachineDisk() = default;
  std::string path_;
  UniqueFd directory_;
  std::vector<Mount> mounts_;
};

}  // namespace podwire::lab
