#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace podwire::oci {

/// What runs in a container.
struct Process {
  std::vector<std::string> args, env;
  std::string cwd = "/";
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  bool terminal = false;
  std::vector<std::string> added_capabilities;  ///< "CAP_NET_ADMIN"; beyond default_capabilities(), or "ALL"
  std::vector<std::string> dropped_capabilities;  ///< the same, of what there would be without `added`
  bool privileged = false;  ///< all capabilities, nothing masked, /sys and /proc writable
};

/// A file or directory of the host's that the container sees.
struct BindMount {
  std::string source, destination;
  bool read_only = false;
  friend bool operator==(const BindMount&, const BindMount&) = default;
};

/// A container as runc wants it described: all that differs from one to the next.
struct BundleSpec {
  Process process;
  std::string hostname;
  std::string rootfs;  ///< absolute; mounted by whoever calls runc
  std::string netns;   ///< path of a namespace to join; empty: stay in runc's own
  std::vector<BindMount> mounts;
  std::vector<std::string>
      masked;  ///< besides the usual ones: a directory looks empty, a file like /dev/null
  std::vector<std::string> scratch;  ///< empty writable directories in memory
  std::string cgroup;                ///< below the cgroup root; empty: runc's choice
};

/// config.json (OCI runtime-spec 1.0.2): own pid, mount, uts and ipc namespaces, the capabilities and masked
/// paths that container engines give by default. No rlimits and no oom score: setting those needs
/// CAP_SYS_RESOURCE, which podwire does not ask for. No seccomp filter. Pure.
[[nodiscard]] boost::json::object bundle_config(const BundleSpec& spec);

/// The 14 that Docker and containerd leave to a container.
[[nodiscard]] const std::vector<std::string>& default_capabilities();

/// "net_admin", "NET_ADMIN" and "CAP_NET_ADMIN" are the last one. Error: the kernel has no such capability.
Result<std::string> capability_name(std::string_view name);

/// PATH and HOME where they are missing, a later value of a name in place of an earlier one.
[[nodiscard]] std::vector<std::string> complete_environment(const std::vector<std::string>& image,
                                                            const std::vector<std::string>& own,
                                                            std::uint32_t uid, const std::string& home);

}  // namespace podwire::oci
