#include "streaming/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"

namespace podwire::streaming {
namespace {

constexpr std::size_t kPiece = 64 << 10;

/// Where the last so many lines begin. A last line without a newline is being written: it counts as none.
Result<std::uint64_t> start_of_tail(Fd file, std::uint64_t lines, const std::string& path) {
  struct stat info{};
  if (::fstat(file.raw(), &info) != 0) return fail("read", path, errno);
  auto at = static_cast<std::uint64_t>(info.st_size);
  if (lines == 0) return at;
  std::uint64_t newlines = 0;
  std::string piece;
  while (at > 0) {
    const auto size = std::min<std::uint64_t>(at, kPiece);
    piece.resize(size);
    const auto got = ::pread(file.raw(), piece.data(), size, static_cast<off_t>(at - size));
    if (got < 0) return fail("read", path, errno);
    for (auto i = static_cast<std::uint64_t>(got); i-- > 0;)
      // The newline before the first of them is one more.
      if (piece[i] == '\n' && newlines++ == lines) return at - size + i + 1;
    at -= size;
  }
  return 0;
}

}  // namespace

Result<LogReader> LogReader::open(std::string path, std::optional<std::uint64_t> tail) {
  auto file = TRY(open_file(path, O_RDONLY));
  if (tail) {
    const auto start = TRY(start_of_tail(file.get(), *tail, path));
    if (::lseek(file.raw(), static_cast<off_t>(start), SEEK_SET) < 0) return fail("read", path, errno);
  }
  return LogReader(std::move(path), std::move(file));
}

Result<std::string> LogReader::read() {
  // Looked at first: what is written before the file is moved is there when the read comes to the end.
  const bool replaced = was_replaced();
  std::string out(kPiece, '\0');
  const auto got = ::read(file_.raw(), out.data(), out.size());
  if (got < 0 && errno != EINTR) return fail("read", path_, errno);
  out.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (!out.empty() || !replaced) return out;
  file_ = TRY(open_file(path_, O_RDONLY));
  return read();
}

bool LogReader::was_replaced() const {
  struct stat mine{}, named{};
  if (::fstat(file_.raw(), &mine) != 0 || ::stat(path_.c_str(), &named) != 0) return false;
  return mine.st_ino != named.st_ino || mine.st_dev != named.st_dev;
}

}  // namespace podwire::streaming
