#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/runc.h"

namespace podwire::runtime {

/// The descriptor on which a shim says how its container's start went.
constexpr int kReportFd = 3;

/// Starts `command` (this program with an internal shim verb) as a process of its own session that keeps a
/// detached container, and waits until it says that the container runs or why it does not. The report's
/// descriptor is kReportFd there.
oci::StartResult<void> start_shim(const std::vector<std::string>& command);

/// What keeps a container until it ends; `started` is to be called once its process runs.
using Keep = std::function<oci::StartResult<int>(const std::function<void()>& started)>;

/// The shim itself: keeps the container and reports to `report` as start_shim reads it. Returns the program's
/// exit status.
int run_shim(const Keep& keep, UniqueFd report);

/// The report: "" (it died), "ok", or the exit code and the sentence of a failure. Pure.
[[nodiscard]] std::string encode_report(const oci::StartResult<void>& result);
[[nodiscard]] oci::StartResult<void> decode_report(std::string_view text);

}  // namespace podwire::runtime
