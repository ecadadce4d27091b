#include "oci/layer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <set>

#include "base/file.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

class LayerWriter {
 public:
  LayerWriter(TarReader& layer, Fd root) : layer_(layer), tree_(root) {}

  Result<> add(const TarEntry& entry) {
    const std::string path = TRY(clean_path(entry.path));
    if (path.empty()) return set_root(entry);
    const auto [parent, name] = split_path(path);
    if (name == kOpaque) return make_opaque(parent);
    if (name.starts_with(".wh..wh.")) return {};  // aufs's own bookkeeping
    if (name.starts_with(kWhiteout)) return white_out(parent, name.substr(kWhiteout.size()));
    const auto directory = TRY(tree_.directory(parent));
    TRY(make(entry, directory.get(), name));
    made_.insert(path);
    return {};
  }

 private:
  Result<> set_root(const TarEntry& entry) {
    if (entry.type != TarType::directory) return fail("unpack", "/", 0, "the root must be a directory");
    const auto root = TRY(tree_.open("", O_RDONLY | O_DIRECTORY));
    if (::fchmod(root.raw(), entry.mode) != 0) return fail("set the mode of", "/", errno);
    return {};
  }

  Result<> white_out(const std::string& parent, const std::string& name) {
    if (name.empty() || name == "." || name == "..") return fail("unpack", "whiteout", 0, "it names no file");
    const auto directory = tree_.open(parent, O_PATH | O_DIRECTORY);
    if (!directory) return {};  // nothing there to hide
    return remove_at(directory->get(), name);
  }

  /// Hides what EARLIER layers put into a directory; the marker may come after this layer's own members of
  /// it.
  Result<> make_opaque(const std::string& parent) {
    const auto directory = TRY(tree_.directory(parent));
    return keep_only_ours(directory.get(), parent);
  }

  Result<> keep_only_ours(Fd directory, const std::string& path) {
    const auto names = TRY(list_directory(fmt::format("/proc/self/fd/{}", directory.raw())));
    for (const auto& name : names) {
      const std::string child = path.empty() ? name : fmt::format("{}/{}", path, name);
      const auto below = made_.lower_bound(child + "/");
      const bool ours_below = below != made_.end() && below->starts_with(child + "/");
      if (ours_below) {
        const UniqueFd inner(
            ::openat(directory.raw(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (inner) TRY(keep_only_ours(inner.get(), child));
      } else if (!made_.contains(child)) {
        TRY(remove_at(directory, name));
      }
    }
    return {};
  }

  Result<> make(const TarEntry& entry, Fd directory, const std::string& name) {
    struct stat old{};
    const bool exists = ::fstatat(directory.raw(), name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
    const bool stays = exists && entry.type == TarType::directory && S_ISDIR(old.st_mode);
    if (exists && !stays) TRY(remove_at(directory, name));
    switch (entry.type) {
      case TarType::file:
        TRY(make_file(entry, directory, name));
        break;
      case TarType::directory:
        if (!stays && ::mkdirat(directory.raw(), name.c_str(), 0700) != 0)
          return fail("create directory", {}, errno);
        break;
      case TarType::symlink:
        if (::symlinkat(entry.link.c_str(), directory.raw(), name.c_str()) != 0)
          return fail("create link", {}, errno);
        break;
      case TarType::hard_link:
        return make_hard_link(entry, directory, name);
      case TarType::char_device:
        TRY(make_node(entry, directory, name, S_IFCHR));
        break;
      case TarType::block_device:
        TRY(make_node(entry, directory, name, S_IFBLK));
        break;
      case TarType::fifo:
        TRY(make_node(entry, directory, name, S_IFIFO));
        break;
    }
    return set_attributes(entry, directory, name);
  }

  Result<> make_file(const TarEntry& entry, Fd directory, const std::string& name) {
    const UniqueFd file(
        ::openat(directory.raw(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return fail("create", {}, errno);
    std::array<std::byte, 65536> buffer;
    while (const std::size_t n = TRY(layer_.read(buffer)))
      TRY(write_all(file.get(), {reinterpret_cast<const char*>(buffer.data()), n}));
    for (const auto& [key, value] : entry.xattrs)
      if (key == "security.capability" || key.starts_with("user."))
        // A file system without this kind of attribute, or we are not root: the file is still of use.
        ::fsetxattr(file.raw(), key.c_str(), value.data(), value.size(), 0);
    return {};
  }

  Result<> make_hard_link(const TarEntry& entry, Fd directory, const std::string& name) {
    const auto [parent, target] = split_path(TRY(clean_path(entry.link)));
    if (target.empty()) return fail("create hard link", {}, 0, "its target is the root");
    const auto from = TRY(tree_.open(parent, O_PATH | O_DIRECTORY));
    if (::linkat(from.raw(), target.c_str(), directory.raw(), name.c_str(), 0) != 0)
      return fail("create hard link to", entry.link, errno);
    return {};
  }

  static Result<> make_node(const TarEntry& entry, Fd directory, const std::string& name, mode_t kind) {
    if (::mknodat(directory.raw(), name.c_str(), kind | 0600, ::makedev(entry.major, entry.minor)) != 0)
      return fail("create device", {}, errno);
    return {};
  }

  static Result<> set_attributes(const TarEntry& entry, Fd directory, const std::string& name) {
    const int at = directory.raw();
    if (::geteuid() == 0 && ::fchownat(at, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return fail("set the owner", {}, errno);
    // After the owner: changing it clears the set-id bits.
    if (entry.type != TarType::symlink && ::fchmodat(at, name.c_str(), entry.mode, 0) != 0)
      return fail("set the mode", {}, errno);
    const std::array<timespec, 2> times{timespec{entry.mtime, 0}, timespec{entry.mtime, 0}};
    ::utimensat(at, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);  // only for show
    return {};
  }

  TarReader& layer_;
  Tree tree_;
  std::set<std::string> made_;  ///< by this layer
};

}  // namespace

Result<> apply_layer(TarReader& layer, Fd root) {
  LayerWriter writer(layer, root);
  while (const auto entry = TRY(layer.next()))
    if (auto done = writer.add(*entry); !done)
      return std::unexpected(std::move(done.error()).in("unpack " + entry->path));
  return {};
}

}  // namespace podwire::oci
