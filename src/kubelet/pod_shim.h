#pragma once
#include <functional>
#include <string>

#include "oci/runc.h"

namespace podwire::kubelet {

/// Becomes the keeper of one run of a container: mounts its root file system, runs it to its end and writes
/// down how it ended (run.json). `directory` holds container.json and the bundle; `runc` is runc's state.
/// Returns its exit status. `started` is called once its process runs. Changes the calling process for good
/// (mount namespace, subreaper, blocked signals). It needs no agent: it goes on when that one is killed.
oci::StartResult<int> keep_container(const std::string& directory, const std::string& runc,
                                     const std::function<void()>& started);

}  // namespace podwire::kubelet
