#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "oci/byte_source.h"

namespace podwire::oci {

enum class TarType { file, hard_link, symlink, char_device, block_device, directory, fifo };

/// One member of a tar archive. `path` and `link` are as written there: not checked, not normalised.
struct TarEntry {
  std::string path;
  TarType type = TarType::file;
  mode_t mode = 0;  ///< permission bits only
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t size = 0;  ///< of the content; 0 for all but files
  std::int64_t mtime = 0;
  std::string link;  ///< of links: where to
  unsigned major = 0, minor = 0;
  std::map<std::string, std::string> xattrs;
  friend bool operator==(const TarEntry&, const TarEntry&) = default;
};

/// Reads a tar archive member by member: ustar, GNU long names and base-256 numbers, pax headers (path,
/// linkpath, size, uid, gid, mtime, SCHILY.xattr.*). Nothing in it is trusted: lengths are bounded, each
/// header's checksum is compared, paths with a NUL and sparse files are refused. Errors name the member.
/// Source: POSIX.1-2017 pax, GNU tar manual.
class TarReader {
 public:
  explicit TarReader(ByteSource& source) : source_(source) {}

  /// The next member; what is unread of the last one's content is skipped. nullopt at the end of the archive.
  Result<std::optional<TarEntry>> next();
  /// Content of the current member; 0 at its end.
  Result<std::size_t> read(std::span<std::byte> into);
  /// Where in the source the current member's content starts.
  [[nodiscard]] std::uint64_t content_offset() const { return content_offset_; }

 private:
  struct Extended;
  Result<bool> read_block(std::span<std::byte> block);
  Result<std::string> read_small(std::uint64_t size, std::string_view what);
  Result<> skip(std::uint64_t bytes);

  ByteSource& source_;
  std::uint64_t offset_ = 0, content_offset_ = 0, content_left_ = 0, padding_ = 0;
  std::map<std::string, std::string> global_;  ///< pax "g" records: for all that follow
};

}  // namespace podwire::oci
