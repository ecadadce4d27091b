#pragma once
#include <string>
#include <string_view>

#include "cni/verbs.h"

namespace podwire::cni {

/// Runs another plugin (ipam.type) as the spec says: found in CNI_PATH, our environment with CNI_COMMAND set,
/// the complete configuration on stdin, its stderr passed on. Its failure is ours: its own error object with
/// its code. Returns its stdout.
CniResult<std::string> run_delegate(const Call& call, const std::string& type, Command command);

}  // namespace podwire::cni
