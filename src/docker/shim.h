#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "docker/site.h"
#include "oci/runc.h"

namespace podwire::docker {

/// Starts `command` (this program with its internal shim verb) as a process of its own session that keeps a
/// detached container, and waits until it says that the container runs or why it does not. The report's
/// descriptor is 3 there.
oci::StartResult<void> start_shim(const std::vector<std::string>& command);

/// The shim itself: keeps the container and reports to `report` as start_shim reads it. Returns the program's
/// exit status.
int run_shim(const Site& site, const std::string& container_id, UniqueFd report);

/// The report: "" (it died), "ok", or the exit code and the sentence of a failure. Pure.
[[nodiscard]] std::string encode_report(const oci::StartResult<void>& result);
[[nodiscard]] oci::StartResult<void> decode_report(std::string_view text);

}  // namespace podwire::docker
