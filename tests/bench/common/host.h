#pragma once
#include <string>

#include "base/result.h"
#include "kernel/netns/netns.h"

namespace podwire::bench {

/// A place to measure in: network and mount namespaces of this process's own, /run empty and in memory, and a
/// directory on the disk for what plugins keep there. Once in a process; the directory goes with the object.
class Host {
 public:
  static Result<Host> enter();
  Host(Host&& other) noexcept : disk_(std::exchange(other.disk_, {})) {}
  Host& operator=(Host&&) = delete;
  ~Host();

  /// A directory on the disk, not in memory: fsync costs there what it costs.
  [[nodiscard]] const std::string& disk() const { return disk_; }

 private:
  explicit Host(std::string disk) : disk_(std::move(disk)) {}
  std::string disk_;
};

/// A container as a runtime makes it before ADD: a network namespace pinned in /run/netns.
Result<> make_container(const std::string& id);
Result<> remove_container(const std::string& id);
[[nodiscard]] std::string netns_path(const std::string& id);

}  // namespace podwire::bench
