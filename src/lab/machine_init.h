#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::lab {

/// Starts the process that holds a machine's namespaces: PID 1 of a new PID namespace, in the given cgroup
/// (if any), with its own mounts. Returns when all is set up. It reaps what is orphaned inside, and dies with
/// the calling thread. The caller must kill and wait for it.
Result<pid_t> start_init(const std::string& hostname, Fd cgroup_root_procs, Fd cgroup_leaf_procs);

}  // namespace podwire::lab
