#pragma once
#include <memory>

#include "kubelet/blocking.h"
#include "streaming/pod_runtime.h"

namespace podwire::kubelet {

/// One more process in a running container, by runc: `id` as runc knows it, `runc` its state directory.
/// Killed with the object. Blocking, for a millisecond or so.
Result<std::unique_ptr<streaming::RunningProcess>> start_exec(const std::string& runc, const std::string& id,
                                                              const streaming::ExecOptions& options);

}  // namespace podwire::kubelet
