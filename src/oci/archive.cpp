#include "oci/archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <limits>

#include "base/file.h"
#include "oci/tar_reader.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

/// A pipe: no size, no seeking.
class Stream : public ByteSource {
 public:
  explicit Stream(Fd fd) : fd_(fd) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    for (;;) {
      const ssize_t n = ::read(fd_.raw(), into.data(), into.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail("read", "archive", errno);
      return static_cast<std::size_t>(n);
    }
  }

 private:
  Fd fd_;
};

Result<bool> is_gzip(Fd file) {
  std::array<unsigned char, 2> magic{};
  const ssize_t n = ::pread(file.raw(), magic.data(), magic.size(), 0);
  if (n < 0) return fail("read", "archive", errno);
  return n == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

Result<UniqueFd> copy_unpacked(std::unique_ptr<ByteSource> from, const std::string& scratch) {
  auto copy = TRY(open_file(scratch, O_TMPFILE | O_RDWR, 0600));
  const auto plain = TRY(decompress(std::move(from)));
  std::array<std::byte, 65536> buffer;
  while (const std::size_t n = TRY(plain->read(buffer)))
    TRY(write_all(copy.get(), {reinterpret_cast<const char*>(buffer.data()), n}));
  return copy;
}

/// docker save of old versions stores a layer that two images share once, and "../<id>/layer.tar" links
/// elsewhere.
Result<std::string> link_target(const TarEntry& entry, const std::string& name) {
  if (entry.type == TarType::hard_link) return clean_path(entry.link);
  std::string base = split_path(name).parent;
  std::string_view link = entry.link;
  while (link.starts_with("../")) {
    base = split_path(base).parent;
    link.remove_prefix(3);
  }
  return clean_path(base + "/" + std::string(link));
}

Result<std::uint64_t> size_of(Fd fd) {
  struct stat st{};
  if (::fstat(fd.raw(), &st) != 0) return fail("stat", "archive", errno);
  return S_ISREG(st.st_mode) ? static_cast<std::uint64_t>(st.st_size) : 0;
}

}  // namespace

Result<Archive> Archive::open(const std::string& path, const std::string& scratch) {
  Archive out;
  if (path == "-") {
    out.fd_ = TRY(copy_unpacked(std::make_unique<Stream>(Fd(0)), scratch));
  } else {
    out.fd_ = TRY(open_file(path, O_RDONLY));
    struct stat st{};
    if (::fstat(out.fd_.raw(), &st) != 0) return fail("stat", path, errno);
    if (S_ISDIR(st.st_mode))
      return fail("read image archive", path, EISDIR, "pack the directory with tar first");
    if (!S_ISREG(st.st_mode) || TRY(is_gzip(out.fd_.get())))
      out.fd_ = TRY(copy_unpacked(std::make_unique<Stream>(out.fd_.get()), scratch));
  }
  FileRange whole(out.fd_.get(), 0, TRY(size_of(out.fd_.get())));
  TarReader tar(whole);
  while (const auto entry = TRY(tar.next())) {
    auto name = clean_path(entry->path);
    if (!name) return std::unexpected(std::move(name.error()));
    if (entry->type == TarType::file)
      out.members_[*name] = {tar.content_offset(), entry->size, {}};
    else if (entry->type == TarType::symlink || entry->type == TarType::hard_link)
      out.members_[*name] = {0, 0, TRY(link_target(*entry, *name))};
  }
  return out;
}

Result<const Archive::Member*> Archive::find(const std::string& name) const {
  std::string at = TRY(clean_path(name));
  constexpr int kMostLinks = 8;
  for (int i = 0; i < kMostLinks; ++i) {
    const auto found = members_.find(at);
    if (found == members_.end()) return fail("find in archive", at, ENOENT);
    if (found->second.alias.empty()) return &found->second;
    at = found->second.alias;
  }
  return fail("find in archive", name, ELOOP);
}

bool Archive::has(const std::string& name) const { return find(name).has_value(); }

Result<std::unique_ptr<ByteSource>> Archive::content(const std::string& name) const {
  const Member* member = TRY(find(name));
  return std::make_unique<FileRange>(fd_.get(), member->offset, member->size);
}

Result<std::string> Archive::text(const std::string& name, std::size_t limit) const {
  const Member* member = TRY(find(name));
  if (member->size > limit) return fail("read from archive", name, EFBIG);
  std::string out(member->size, '\0');
  FileRange range(fd_.get(), member->offset, member->size);
  TRY(read_exactly(range, std::as_writable_bytes(std::span(out))));
  return out;
}

}  // namespace podwire::oci
