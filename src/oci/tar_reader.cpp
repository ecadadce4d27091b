#include "oci/tar_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "oci/tar_header.h"

namespace podwire::oci {
namespace {

constexpr std::uint64_t kMostExtended = 1 << 20;  // a pax header or a long name; Linux paths are at most 4096
constexpr std::size_t kLongestPath = 4096;

Result<std::uint64_t> pax_number(const std::string& key, const std::string& value) {
  std::uint64_t n = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
  // Times may have a fraction.
  if (ec != std::errc{} || (end != value.data() + value.size() && *end != '.'))
    return fail("read pax header", key, 0, fmt::format("\"{}\" is not a number", value));
  return n;
}

Result<TarType> type_of(char flag) {
  switch (flag) {
    case '\0':
    case '0':
    case '7':
      return TarType::file;
    case '1':
      return TarType::hard_link;
    case '2':
      return TarType::symlink;
    case '3':
      return TarType::char_device;
    case '4':
      return TarType::block_device;
    case '5':
      return TarType::directory;
    case '6':
      return TarType::fifo;
    case 'S':
      return fail("read tar header", {}, 0, "sparse files are not supported");
    default:
      return fail("read tar header", {}, 0,
                  fmt::format("unknown member type {:#04x}", static_cast<unsigned>(flag)));
  }
}

Result<> check_path(const std::string& path, std::string_view what) {
  if (path.find('\0') != std::string::npos) return fail("read tar header", what, 0, "it holds a NUL byte");
  if (path.size() > kLongestPath) return fail("read tar header", what, ENAMETOOLONG);
  return {};
}

/// What pax records say takes the place of what the fixed header says.
Result<> apply_pax(const std::map<std::string, std::string>& records, TarEntry& entry) {
  for (const auto& [key, value] : records) {
    constexpr std::string_view kXattr = "SCHILY.xattr.";
    if (key == "path")
      entry.path = value;
    else if (key == "linkpath")
      entry.link = value;
    else if (key == "size")
      entry.size = TRY(pax_number(key, value));
    else if (key == "uid")
      entry.uid = static_cast<uid_t>(TRY(pax_number(key, value)));
    else if (key == "gid")
      entry.gid = static_cast<gid_t>(TRY(pax_number(key, value)));
    else if (key == "mtime" && !value.starts_with('-'))
      entry.mtime = static_cast<std::int64_t>(TRY(pax_number(key, value)));
    else if (key.starts_with(kXattr))
      entry.xattrs[key.substr(kXattr.size())] = value;
    else if (key.starts_with("GNU.sparse."))
      return fail("read pax header", entry.path, 0, "sparse files are not supported");
  }
  return {};
}

}  // namespace

Result<bool> TarReader::read_block(std::span<std::byte> block) {
  std::size_t have = 0;
  while (have < block.size()) {
    const std::size_t n = TRY(source_.read(block.subspan(have)));
    if (n == 0) break;
    have += n;
  }
  offset_ += have;
  if (have == 0) return false;
  if (have < block.size()) return fail("read tar header", {}, 0, "the archive ends inside a header");
  return true;
}

Result<> TarReader::skip(std::uint64_t bytes) {
  std::array<std::byte, 65536> buffer;
  while (bytes != 0) {
    const auto part = std::span(buffer).first(std::min<std::uint64_t>(bytes, buffer.size()));
    TRY(read_exactly(source_, part));
    bytes -= part.size();
    offset_ += part.size();
  }
  return {};
}

Result<std::string> TarReader::read_small(std::uint64_t size, std::string_view what) {
  if (size > kMostExtended) return fail("read tar header", what, EFBIG);
  std::string out(size, '\0');
  TRY(read_exactly(source_, std::as_writable_bytes(std::span(out))));
  offset_ += size;
  TRY(skip((kTarBlock - size % kTarBlock) % kTarBlock));
  return out;
}

Result<std::size_t> TarReader::read(std::span<std::byte> into) {
  const auto part = into.first(std::min<std::uint64_t>(into.size(), content_left_));
  if (part.empty()) return std::size_t{0};
  const std::size_t n = TRY(source_.read(part));
  if (n == 0) return fail("read", "tar archive", 0, "it ends inside a member");
  content_left_ -= n;
  offset_ += n;
  return n;
}

Result<std::optional<TarEntry>> TarReader::next() {
  TRY(skip(content_left_ + padding_));
  content_left_ = padding_ = 0;
  std::map<std::string, std::string> records;
  std::optional<std::string> long_name, long_link;
  for (;;) {
    TarBlock block;
    if (!TRY(read_block(block)) || is_zero_block(block)) {
      if (!records.empty() || long_name || long_link)
        return fail("read tar header", {}, 0, "the archive ends inside a header");
      return std::optional<TarEntry>{};
    }
    const TarHeader header = TRY(parse_tar_header(block));
    if (header.type == 'x') {
      records = TRY(parse_pax(TRY(read_small(header.size, "pax header"))));
    } else if (header.type == 'g') {
      for (auto& [key, value] : TRY(parse_pax(TRY(read_small(header.size, "pax header")))))
        global_[key] = value;
    } else if (header.type == 'L' || header.type == 'K') {
      auto name = TRY(read_small(header.size, "long name"));
      if (!name.empty() && name.back() == '\0') name.pop_back();
      (header.type == 'L' ? long_name : long_link) = std::move(name);
    } else {
      TarEntry entry;
      entry.path = long_name.value_or(header.name);
      entry.link = long_link.value_or(header.link);
      entry.mode = static_cast<mode_t>(header.mode & 07777);
      entry.uid = static_cast<uid_t>(header.uid);
      entry.gid = static_cast<gid_t>(header.gid);
      entry.size = header.size;
      entry.mtime = header.mtime;
      entry.major = static_cast<unsigned>(header.major);
      entry.minor = static_cast<unsigned>(header.minor);
      TRY(apply_pax(global_, entry));
      TRY(apply_pax(records, entry));
      TRY(check_path(entry.path, "path"));
      TRY(check_path(entry.link, entry.path));
      auto type = type_of(header.type);
      if (!type) return std::unexpected(std::move(type.error()).in(entry.path));
      entry.type = *type;
      // Before ustar a directory was a file whose name ends in a slash.
      if (entry.type == TarType::file && entry.path.ends_with('/')) entry.type = TarType::directory;
      if (entry.type != TarType::file) entry.size = 0;
      content_offset_ = offset_;
      content_left_ = entry.size;
      padding_ = (kTarBlock - entry.size % kTarBlock) % kTarBlock;
      return std::optional(std::move(entry));
    }
  }
}

}  // namespace podwire::oci
