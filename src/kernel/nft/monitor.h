#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel {

/// Something of a table was changed by a transaction of anybody's, ourselves included.
struct NftEvent {
  enum class What {
    shape,    ///< a table, chain, rule or set came or went
    elements  ///< of a set
  } what;
  std::string table;
  bool gone = false;
  friend bool operator==(const NftEvent&, const NftEvent&) = default;
};

/// Subscribes to changes of one namespace's nf_tables. Non-blocking; put fd() into poll or an event loop. Not
/// thread-safe. The kernel copies each change for it: those who write ten thousand elements pay for that.
class NftMonitor {
 public:
  static Result<NftMonitor> open(const NetNs& netns);
  [[nodiscard]] Fd fd() const { return fd_.get(); }
  /// All events that wait now (maybe none), the same ones in a row as one. ENOBUFS: the kernel dropped some,
  /// the caller must look for itself.
  Result<std::vector<NftEvent>> read();

 private:
  explicit NftMonitor(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace podwire::kernel
