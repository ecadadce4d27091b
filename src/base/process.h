#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire {

/// A program to run to its end. No shell is ever in between.
struct Command {
  std::vector<std::string> argv;  ///< argv[0] is a path, or a name looked up in PATH
  std::vector<std::string> env;   ///< "NAME=value"; empty: our own environment
  std::string input;              ///< its standard input
  bool inherit_stderr = false;    ///< its stderr goes to ours instead of into Output::err
  std::function<int()>
      before_exec{};  ///< runs in the child after fork, only async-signal-safe work; non-zero: exit 126
  std::vector<Fd> descriptors{};  ///< the child's 3, 4 and so on; spawn() only
};

struct Output {
  int status = 0;  ///< exit status, or 128 + signal number
  std::string out;
  std::string err;
};

/// Runs and waits. Errors: it could not be started (ENOENT and so on). A non-zero status is not an Error.
/// Synchronous: for tools, tests, delegates and teardown, never on a hot path.
Result<Output> run(const Command& command);

/// The same, and a non-zero status is an Error that carries the program's last line of stderr.
Result<std::string> run_checked(const Command& command);

/// First executable of that name in PATH and the usual sbin directories; nullopt-like empty when there is
/// none.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace podwire
