#pragma once
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/spawn.h"

namespace podwire::oci {

/// A process in a container could not be started. The exit codes that container engines use: 127 the program
/// is not in the image, 126 it cannot be executed, 125 everything else.
struct StartError {
  int exit_code = 125;
  Error error;
};
template <class T>
using StartResult = std::expected<T, StartError>;

/// What `runc list` says of a container.
struct RuncState {
  int pid = 0;
  std::string status;  ///< "created", "running", "stopped"
};

/// How an additional process of a container is started.
struct ExecSpec {
  std::vector<std::string> args, env;
  std::string cwd, user;  ///< empty: the container's; user as "uid:gid"
  bool terminal = false, interactive = false;
};

/// runc(8) with one state directory. Every call is a process; errors carry what runc wrote into its log.
class Runc {
 public:
  explicit Runc(std::string root) : root_(std::move(root)) {}

  /// Starts a bundle and returns when its process runs, on the given streams; the caller must be a subreaper
  /// to become its parent. `console_socket`: a terminal is sent there. Writes <bundle>/pid.
  StartResult<pid_t> start(const std::string& id, const std::string& bundle, const Stdio& stdio,
                           const std::string& console_socket = {}) const;
  /// Runs a bundle to its end on our own terminal; its exit status. Writes <bundle>/pid.
  StartResult<int> run_on_terminal(const std::string& id, const std::string& bundle) const;
  /// Runs one more process in a container to its end on our own streams.
  StartResult<int> exec(const std::string& id, const ExecSpec& spec, const std::string& log_dir) const;
  Result<> kill(const std::string& id, int signal) const;
  /// Kills what runs and removes runc's state and cgroups. Success when there is nothing.
  Result<> remove(const std::string& id) const;
  /// All containers of this state directory by id.
  Result<std::map<std::string, RuncState>> list() const;

 private:
  [[nodiscard]] Command command(std::vector<std::string> args, const std::string& log = {}) const;
  std::string root_;
};

/// Reads runc's JSON log for the reason of a failure. Pure.
[[nodiscard]] StartError start_error_from_log(std::string_view log, std::string_view what);

}  // namespace podwire::oci
