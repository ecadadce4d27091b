#pragma once
#include <functional>
#include <string>

#include "docker/container.h"
#include "docker/site.h"
#include "oci/runc.h"

namespace podwire::docker {

/// Becomes the keeper of a created container: mounts its root file system, runs it to its end, writes down
/// how it ended and takes it off its network; removes it when that was asked for, or when it could not start.
/// Returns its exit status. `started` is called once its process runs (not with a terminal in the
/// foreground). Changes the calling process for good (mount namespace, subreaper, blocked signals).
oci::StartResult<int> keep_container(const Site& site, const std::string& id,
                                     const std::function<void()>& started);

}  // namespace podwire::docker
