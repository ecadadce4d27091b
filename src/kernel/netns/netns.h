#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::kernel {

/// A network namespace, held by a file descriptor: it lives while this object lives.
/// Threads: enter() changes the calling thread only; the object itself may be shared for reading.
class NetNs {
 public:
  /// The calling thread's own (/proc/thread-self/ns/net).
  static Result<NetNs> current();
  /// By a path that is a namespace (/run/netns/x, /proc/PID/ns/net). EINVAL when the file is no network
  /// namespace.
  static Result<NetNs> open(const std::string& path);
  static Result<NetNs> of_process(int pid);
  /// A new one that ends with the last fd, process or device reference. The calling thread stays where it is.
  static Result<NetNs> create();
  /// A new one, pinned by a bind mount at `path` (its parents are made), so that it outlives us: as `ip netns
  /// add`.
  static Result<NetNs> create_pinned(const std::string& path);
  /// Takes a pin away: unmount and remove the file. Success when nothing is there.
  static Result<> unpin(const std::string& path);
  /// For fakes: a namespace that is only a name; enter() on it fails.
  static NetNs named(std::string name) { return NetNs(UniqueFd(), std::move(name), 0); }

  [[nodiscard]] Fd fd() const { return fd_.get(); }
  /// The path it was opened by, or "net:[inode]".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Same inode on nsfs means the same namespace.
  [[nodiscard]] std::uint64_t inode() const { return inode_; }
  [[nodiscard]] bool same_as(const NetNs& other) const { return inode_ == other.inode_ && inode_ != 0; }
  [[nodiscard]] Result<NetNs> duplicate() const;

  /// Moves the calling thread into this namespace until the returned object dies, which moves it back
  /// (and aborts the process if that fails: going on in the wrong namespace could harm the host).
  class [[nodiscard]] Entered {
   public:
    Entered(Entered&&) noexcept = default;
    Entered& operator=(Entered&&) = delete;
    ~Entered();

   private:
    friend class NetNs;
    explicit Entered(UniqueFd back) : back_(std::move(back)) {}
    UniqueFd back_;
  };
  Result<Entered> enter() const;

  /// For a child process after fork, before exec: moves for good. Returns 0 or errno.
  [[nodiscard]] int join() const noexcept;

 private:
  NetNs(UniqueFd fd, std::string name, std::uint64_t inode)
      : fd_(std::move(fd)), name_(std::move(name)), inode_(inode) {}
  UniqueFd fd_;
  std::string name_;
  std::uint64_t inode_ = 0;
};

}  // namespace podwire::kernel
