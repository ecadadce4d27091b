#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace podwire::agent {

/// What a Node says of the machine that it is.
struct Machine {
  unsigned cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::string machine_id, system_uuid, boot_id;
  std::string kernel;        ///< "6.1.0-13-amd64"
  std::string os_image;      ///< "Debian GNU/Linux 12 (bookworm)"
  std::string architecture;  ///< as Go calls it: "amd64"
};

/// Reads /proc, /etc and /sys. What is not to be had stays empty; errors only for what a Node cannot do
/// without.
Result<Machine> read_machine();

/// PRETTY_NAME of an os-release file (man 5 os-release).
[[nodiscard]] std::string pretty_name(std::string_view os_release);
/// "amd64" for uname's "x86_64".
[[nodiscard]] std::string go_architecture(std::string_view uname_machine);

}  // namespace podwire::agent
