#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::oci {

/// A path of an archive as names below a root: without "/" at either end, "." and doubled slashes; "" is the
/// root. Error: a ".." in it.
Result<std::string> clean_path(std::string_view path);

/// A tree that may hold hostile symbolic links, seen from its root: every lookup treats `root` as "/", as
/// chroot does.
class Tree {
 public:
  explicit Tree(Fd root) : root_(root) {}
  /// openat2(2) with RESOLVE_IN_ROOT. `path` is clean.
  [[nodiscard]] Result<UniqueFd> open(const std::string& path, int flags) const;
  /// The directory, made (0755) with its parents if need be.
  [[nodiscard]] Result<UniqueFd> directory(const std::string& path) const;

 private:
  Fd root_;
};

struct SplitPath {
  std::string parent, name;
};
[[nodiscard]] SplitPath split_path(const std::string& clean);

/// Removes `name` in `directory` with all that is below it; links are removed, not followed, and nothing of
/// a file system that is mounted there (EXDEV). Success when there is none.
Result<> remove_at(Fd directory, const std::string& name);
/// The same by path.
Result<> remove_tree(const std::string& path);

}  // namespace podwire::oci
