#pragma once
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::oci {

/// The socket where runc sends the master end of a container's terminal (runc's docs/terminals.md, "detached
/// new terminal").
class ConsoleSocket {
 public:
  /// Listens in a directory of ours; the name goes when this object does. A path longer than a socket's may
  /// be is an error.
  static Result<ConsoleSocket> listen(const std::string& path);
  ConsoleSocket(ConsoleSocket&& other) noexcept = default;
  ConsoleSocket& operator=(ConsoleSocket&&) = delete;
  ~ConsoleSocket();
  [[nodiscard]] const std::string& path() const { return path_; }
  /// The master end. Call it after runc has succeeded: it has been sent then.
  Result<UniqueFd> receive() const;

 private:
  ConsoleSocket(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  UniqueFd fd_;
  std::string path_;
};

}  // namespace podwire::oci
