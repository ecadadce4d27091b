#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/digest.h"

namespace podwire::oci {

/// Bytes that are read once, front to back. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `into.size()` bytes; 0 only at the end.
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
};

/// Fills `into` entirely. Error when the source ends before.
Result<> read_exactly(ByteSource& source, std::span<std::byte> into);

/// Bytes in memory; the caller keeps them alive.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : rest_(text) {}
  Result<std::size_t> read(std::span<std::byte> into) override;

 private:
  std::string_view rest_;
};

/// A part of a file by pread(2): any number of them may share one descriptor.
class FileRange : public ByteSource {
 public:
  FileRange(Fd fd, std::uint64_t offset, std::uint64_t length) : fd_(fd), at_(offset), left_(length) {}
  Result<std::size_t> read(std::span<std::byte> into) override;

 private:
  Fd fd_;
  std::uint64_t at_, left_;
};

/// Hashes what passes through.
class HashingSource : public ByteSource {
 public:
  explicit HashingSource(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)) {}
  Result<std::size_t> read(std::span<std::byte> into) override;
  /// Reads what is left and gives the digest of all. Once.
  Result<Digest> drain();

 private:
  std::unique_ptr<ByteSource> inner_;
  Sha256 hash_;
};

/// What a compressed stream holds: looks at the first bytes; plain data passes as it is. zstd is refused by
/// name.
Result<std::unique_ptr<ByteSource>> decompress(std::unique_ptr<ByteSource> inner);

}  // namespace podwire::oci
