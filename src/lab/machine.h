#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"
#include "lab/machine_cgroup.h"
#include "lab/machine_disk.h"

namespace podwire::lab {

/// A computer played by namespaces: network, mount, PID, UTS, IPC and cgroup of its own. It sees the programs
/// and files of the real machine, but has its own interfaces, host name and processes, its own /proc, /sys,
/// and an empty /run in memory, where whatever it keeps (`state_directory()`) ends with it.
///
/// With a disk it keeps what is written below /etc, /opt and /var as well (see MachineDisk).
///
/// A process of ours, its PID 1, holds all that. When the machine stops, or when the thread that started it
/// dies for any reason, the kernel kills PID 1 and with it everything that runs inside; interfaces and mounts
/// go too. Needs root. Move-only; not thread-safe.
class Machine {
 public:
  /// A name for host and interfaces: 1 to 15 of a-z, 0-9 and '-'.
  [[nodiscard]] static bool usable_name(const std::string& name);
  static Result<Machine> start(const std::string& name, const MachineDisk* disk = nullptr);
  Machine(Machine&& other) noexcept;
  Machine& operator=(Machine&&) = delete;
  ~Machine();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const kernel::NetNs& netns() const { return netns_; }
  /// Its PID 1, for `nsenter -a -t`.
  [[nodiscard]] pid_t pid() const { return init_; }
  /// Where programs inside may keep files that end with the machine.
  [[nodiscard]] static std::string state_directory() { return "/run/podwire"; }
  /// How a file inside is reached from outside: its own mounts included.
  [[nodiscard]] std::string outside_path(const std::string& inside) const;

  /// The same command, to be run inside this machine by podwire::run or spawn. Valid while the machine lives.
  [[nodiscard]] Command inside(Command command) const;
  /// Runs to its end; as podwire::run.
  [[nodiscard]] Result<Output> run(std::vector<std::string> argv) const;

  /// Begins to kill everything inside and does not wait; stop() has to follow.
  void kill() const;
  /// Kills everything inside and waits until it is gone. Success when it was stopped before.
  Result<> stop();

 private:
  Machine(std::string name, pid_t init, UniqueFd pidfd, kernel::NetNs netns,
          std::optional<MachineCgroup> cgroup);

  std::string name_;
  pid_t init_ = -1;
  UniqueFd pidfd_;
  kernel::NetNs netns_;
  std::optional<MachineCgroup> cgroup_;
};

/// As Machine::inside(), for a machine that another process holds, by its PID 1.
Result<Command> inside_machine(pid_t init, Command command);

}  // namespace podwire::lab
