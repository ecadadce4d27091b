#pragma once
#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::kernel::bpf {

/// What tc shows as the filter's name.
inline constexpr const char* kRedirectProgramName = "podwire-redirect";

/// Loads a tc (SCHED_CLS) program that sends every packet out of the link `to_index`: bpf_redirect(to_index,
/// 0). Whatever it is attached to keeps it alive after the fd is closed. EPERM: CAP_BPF (or CAP_SYS_ADMIN) is
/// needed.
Result<UniqueFd> load_redirect_program(int to_index);

}  // namespace podwire::kernel::bpf
