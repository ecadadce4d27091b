#pragma once
#include "base/result.h"
#include "docker/create.h"
#include "oci/bundle.h"
#include "oci/rootfs.h"

namespace podwire::docker {

/// The process to run: what the request says, else what the image says. Reads the image's passwd and group
/// files. Error: no command in either.
Result<oci::Process> plan_process(const RunRequest& request, const oci::RootFs& rootfs);

/// "SOURCE:DESTINATION[:ro|rw]"; a relative source is of the current directory. Errors: no such source
/// (ENOENT), a destination that is no absolute path or is "/".
Result<oci::BindMount> parse_volume(const std::string& text);

/// "NAME=VALUE"; "NAME" alone takes the value from our own environment, and nothing when it has none there.
[[nodiscard]] std::vector<std::string> plan_environment(const std::vector<std::string>& given);

}  // namespace podwire::docker
