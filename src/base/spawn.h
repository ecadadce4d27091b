#pragma once
#include <sys/types.h>

#include "base/process.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire {

/// The standard streams of a child; an empty one is /dev/null.
struct Stdio {
  Fd in, out, err;
};

struct Pipe {
  UniqueFd read, write;
};
/// Both ends are closed on exec.
Result<Pipe> make_pipe();

/// Starts a program and does not wait. Command::input is not used. Errors: it could not be executed (its
/// errno). The caller owns the child and must wait for it.
Result<pid_t> spawn(const Command& command, const Stdio& stdio);

/// Waits for one child: its exit status, or 128 + signal number.
Result<int> wait_for(pid_t child);

/// Runs a program on our own standard streams, for people: the terminal's Ctrl-C and Ctrl-\ are the child's
/// to act on, SIGTERM and SIGHUP are passed on to it. Returns as wait_for. One at a time in a process.
Result<int> run_attached(const Command& command);

}  // namespace podwire
