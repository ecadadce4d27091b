#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/process.h"
#include "base/result.h"
#include "kernel/netns/netns.h"
#include "kernel/rtnl/rtnl.h"
#include "lab/machine.h"
#include "state/link.h"

namespace podwire::lab {

/// A running container, as the kernel shows it.
struct Container {
  std::string name;
  kernel::NetNs netns;
  state::Link eth0;  ///< inside
  state::Link veth;  ///< the other end, on the host
  Cidr address;      ///< eth0's IPv4 address
};

/// A machine that runs containers with podwire, as a person would: by the command `podwire`.
class DockerHost {
 public:
  /// `podwire`: path of the program.
  DockerHost(Machine machine, std::string podwire)
      : machine_(std::move(machine)), podwire_(std::move(podwire)) {}

  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] const std::string& name() const { return machine_.name(); }
  [[nodiscard]] const kernel::NetNs& netns() const { return machine_.netns(); }

  /// `podwire ARGS...` on this host, to its end, by default on the host's own network (PODWIRE_NETNS,
  /// PODWIRE_ROOT). typed() is the same as a person types it.
  [[nodiscard]] Result<Output> podwire(const std::vector<std::string>& args) const;
  [[nodiscard]] static std::string typed(const std::vector<std::string>& args);

  /// Asks podwire where a container is and the kernel for the rest.
  [[nodiscard]] Result<Container> look_at(const std::string& container) const;

 private:
  Machine machine_;
  std::string podwire_;
};

/// Out of what `podwire container inspect` prints: the path of the container's namespace. Pure.
Result<std::string> sandbox_path(std::string_view inspect_json);

/// An argument as a shell needs it written: in single quotes when it holds anything special. Pure.
[[nodiscard]] std::string shell_word(std::string_view argument);

}  // namespace podwire::lab
