#pragma once
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::oci {

/// The socket where runc sends the master end of a container's terminal (runc's docs/terminals.md, "detached
/// new terminal").
class ConsoleSocket {
 public:
  /// Listens as `name` in a directory of ours; the name goes when this object does.
  static Result<ConsoleSocket> listen(const std::string& directory, const std::string& name);
  ConsoleSocket(ConsoleSocket&& other) noexcept = default;
  ConsoleSocket& operator=(ConsoleSocket&&) = delete;
  ~ConsoleSocket();
  /// For runc. By way of our own descriptor of the directory: a socket's path has 107 characters at most.
  [[nodiscard]] std::string path() const;
  /// The master end. Call it after runc has succeeded: it has been sent then.
  Result<UniqueFd> receive() const;

 private:
  ConsoleSocket(UniqueFd fd, UniqueFd directory, std::string name)
      : fd_(std::move(fd)), directory_(std::move(directory)), name_(std::move(name)) {}
  UniqueFd fd_, directory_;
  std::string name_;
};

}  // namespace podwire::oci
