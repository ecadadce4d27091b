#pragma once
#include "agent/companion.h"
#include "agent/options.h"
#include "base/result.h"

namespace podwire::agent {

/// Runs the agent of the machine (or network namespace) that we are in, until SIGINT or SIGTERM. What it made
/// in the kernel stays. `companion` may be nullptr. Errors: what no waiting would mend.
Result<> run_agent(Options options, Companion* companion);

}  // namespace podwire::agent
