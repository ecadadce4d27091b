#pragma once
#include <functional>
#include <string>

#include "oci/runc.h"

namespace podwire::oci {

/// One container from its start to its end.
struct Supervision {
  std::string id;
  std::string bundle;     ///< holds config.json; runc.log and pid are written there
  std::string log;        ///< its output, in container_log.h's format
  bool terminal = false;  ///< config.json says so too
  /// detached: nobody reads along; a terminal or an open stdin stays open but silent.
  bool detached = true;
  bool interactive = false;
  std::function<void(pid_t)> started;  ///< called once its process runs
};

/// Starts the container with runc, writes its output to the log, passes on what signals ask of us, waits for
/// its process to end and removes runc's state. Returns the process's exit status (128 + number for a
/// signal). In the foreground its output goes to our own stdout and stderr too; with a terminal, ours is
/// handed to runc, the log stays empty and `started` is not called. Makes the calling process a subreaper:
/// for a process that does nothing else.
StartResult<int> supervise(const Runc& runc, const Supervision& job);

}  // namespace podwire::oci
