#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::lab {

/// The cgroup v2 directory that a machine's processes live in, so that what container runtimes make below it
/// goes away with the machine, and cgroup BPF programs can be attached to one machine alone. Its name holds
/// our process id: what a killed lab left behind is known by it, and the next start sweeps it away.
/// Move-only. The destructor removes the directory, which works once its processes are gone.
class MachineCgroup {
 public:
  /// nullopt when this system has no writable cgroup v2: the machine then lives without one.
  static Result<std::optional<MachineCgroup>> create(const std::string& machine);
  MachineCgroup(MachineCgroup&& other) noexcept
      : path_(std::exchange(other.path_, {})),
        lock_(std::move(other.lock_)),
        root_procs_(std::move(other.root_procs_)),
        leaf_procs_(std::move(other.leaf_procs_)) {}
  MachineCgroup& operator=(MachineCgroup&&) = delete;
  ~MachineCgroup();

  /// An open cgroup.procs: writing "0" moves the writer in. The root is for the machine's first process only.
  [[nodiscard]] Fd root_procs() const { return root_procs_.get(); }
  /// Of the leaf where processes stay: a cgroup with children must hold none itself (cgroups(7), "no internal
  /// processes").
  [[nodiscard]] Fd leaf_procs() const { return leaf_procs_.get(); }

  /// Kills what is left, removes the directory and all below. Success when it is gone.
  Result<> remove();

 private:
  MachineCgroup(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  UniqueFd lock_, root_procs_, leaf_procs_;
};

/// The directory of the cgroup v2 that a process is in; "" where no cgroup v2 is mounted.
[[nodiscard]] Result<std::string> cgroup2_directory_of(int pid);
/// What machines of killed labs have left behind in the cgroup that their lab was in is killed and removed.
void sweep_machine_cgroups(const std::string& parent);

/// From the text of /proc/self/mountinfo: where cgroup v2 is mounted, "" when nowhere. Pure.
[[nodiscard]] std::string cgroup2_mount(std::string_view mountinfo);
/// From the text of /proc/self/cgroup: the path in cgroup v2, "/" when it is not told. Pure.
[[nodiscard]] std::string cgroup2_path(std::string_view proc_cgroup);

}  // namespace podwire::lab
