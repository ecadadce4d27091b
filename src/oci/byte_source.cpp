#include "oci/byte_source.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace podwire::oci {

Result<> read_exactly(ByteSource& source, std::span<std::byte> into) {
  while (!into.empty()) {
    const std::size_t n = TRY(source.read(into));
    if (n == 0) return fail("read", "stream", 0, "it ends too early");
    into = into.subspan(n);
  }
  return {};
}

Result<std::size_t> TextSource::read(std::span<std::byte> into) {
  const std::size_t n = std::min(into.size(), rest_.size());
  std::memcpy(into.data(), rest_.data(), n);
  rest_.remove_prefix(n);
  return n;
}

Result<std::size_t> FileRange::read(std::span<std::byte> into) {
  const std::size_t want = std::min<std::uint64_t>(into.size(), left_);
  if (want == 0) return std::size_t{0};
  for (;;) {
    const ssize_t n = ::pread(fd_.raw(), into.data(), want, static_cast<off_t>(at_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("read", "archive", errno);
    if (n == 0) return fail("read", "archive", 0, "it ends too early");
    at_ += static_cast<std::size_t>(n);
    left_ -= static_cast<std::size_t>(n);
    return static_cast<std::size_t>(n);
  }
}

Result<std::size_t> HashingSource::read(std::span<std::byte> into) {
  const std::size_t n = TRY(inner_->read(into));
  hash_.update(into.first(n));
  return n;
}

Result<Digest> HashingSource::drain() {
  std::array<std::byte, 65536> buffer;
  while (TRY(read(buffer)) != 0) {
  }
  return hash_.finish();
}

}  // namespace podwire::oci
