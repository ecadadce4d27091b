#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire {

/// Opens with O_CLOEXEC added. `mode` only matters with O_CREAT.
Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0644);

/// The whole content of a file. Errors: open or read failed, or it is larger than `limit` bytes (EFBIG).
Result<std::string> read_file(const std::string& path, std::size_t limit = 16 << 20);
Result<std::string> read_all(Fd fd, std::size_t limit = 16 << 20);
Result<> write_all(Fd fd, std::string_view data);

/// What a written file must outlive: the machine losing power, or only our own death.
enum class Durability { forever, until_reboot };

/// Replaces `path` so that after a crash either the old or the whole new content is there: a temporary file
/// in the same directory (".tmp-" first in its name), fsync, rename, fsync of the directory. `until_reboot`
/// leaves out both fsyncs: readers still see old or new, never half, as long as the machine runs.
Result<> write_file_atomic(const std::string& path, std::string_view data, mode_t mode = 0644,
                           Durability durability = Durability::forever);

/// fsyncs a directory: the names made and removed in it then outlive a loss of power.
Result<> sync_directory(const std::string& path);
/// Creates `path` and its parents (0755). Success when it is there already.
Result<> make_directories(const std::string& path);
/// Names in a directory, without "." and "..", unsorted. A directory that is not there has no names.
Result<std::vector<std::string>> list_directory(const std::string& path);
/// Success when the file is already gone. Says whether it was there.
Result<bool> remove_file(const std::string& path);
[[nodiscard]] bool file_exists(const std::string& path);

/// An exclusive flock(2) on a file (created if need be), held until destroyed. The kernel drops it if we die.
class FileLock {
 public:
  /// Blocks, at most `patience` (polled, first after 0.1 ms, then less and less often, at least every 5 ms);
  /// then EWOULDBLOCK with the path.
  static Result<FileLock> acquire(const std::string& path,
                                  std::chrono::milliseconds patience = std::chrono::seconds(60));

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// The kernel's boot id (/proc/sys/kernel/random/boot_id): tells state from before a reboot.
Result<std::string> boot_id();

}  // namespace podwire
