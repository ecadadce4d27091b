#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "lab/machine_disk.h"

namespace podwire::lab {

/// What PID 1 sets up. Nothing in it may be changed while start_init() runs.
struct InitPlan {
  std::string hostname;
  Fd cgroup_root_procs, cgroup_leaf_procs;  ///< both or none
  const MachineDisk* disk = nullptr;        ///< nullptr: the real machine's directories, but for /run
};

/// Starts the process that holds a machine's namespaces: PID 1 of a new PID namespace, in the given cgroup
/// (if any), with its own mounts. Returns when all is set up. It reaps what is orphaned inside, and dies with
/// the calling thread. The caller must kill and wait for it.
Result<pid_t> start_init(const InitPlan& plan);

}  // namespace podwire::lab
