#pragma once
#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::kernel {

/// A tc classifier program (direct action) that sends every packet out of `to_index`: four instructions,
/// bpf_redirect(to_index, 0), loaded by bpf(2) itself so that podwire-cni needs no libbpf.
/// EPERM: this machine lets nobody load programs.
Result<UniqueFd> load_redirect_program(int to_index);

}  // namespace podwire::kernel
