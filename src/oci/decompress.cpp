#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "oci/byte_source.h"

namespace podwire::oci {
namespace {

/// The first bytes that were looked at, then the rest.
class Rewound : public ByteSource {
 public:
  Rewound(std::vector<std::byte> head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    if (at_ == head_.size()) return rest_->read(into);
    const std::size_t n = std::min(into.size(), head_.size() - at_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(at_), n, into.begin());
    at_ += n;
    return n;
  }

 private:
  std::vector<std::byte> head_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

/// RFC 1952. Several members in a row are one stream, as gzip(1) and parallel compressors write them.
class Gunzip : public ByteSource {
 public:
  explicit Gunzip(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)) {
    constexpr int kGzipOnly = 16;
    ready_ = ::inflateInit2(&z_, kGzipOnly + MAX_WBITS) == Z_OK;
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() override {
    if (ready_) ::inflateEnd(&z_);
  }

  Result<std::size_t> read(std::span<std::byte> into) override {
    if (!ready_) return fail("prepare gzip", {}, ENOMEM);
    z_.next_out = reinterpret_cast<Bytef*>(into.data());
    z_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30));
    const auto room = z_.avail_out;
    while (z_.avail_out == room && room != 0) {
      if (in_member_) {  // even without more input: output may wait inside
        const int code = ::inflate(&z_, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
          in_member_ = false;
          ::inflateReset(&z_);
        } else if (code != Z_OK && (code != Z_BUF_ERROR || z_.avail_in != 0)) {
          return fail("decompress", "gzip stream", 0, z_.msg != nullptr ? z_.msg : "corrupt data");
        }
        if (z_.avail_in != 0 || z_.avail_out != room) continue;
      }
      if (z_.avail_in == 0 && !TRY(refill())) {
        if (in_member_) return fail("decompress", "gzip stream", 0, "it ends too early");
        return std::size_t{0};
      }
      in_member_ = true;
    }
    return static_cast<std::size_t>(room - z_.avail_out);
  }

 private:
  Result<bool> refill() {
    const std::size_t n = TRY(inner_->read(buffer_));
    z_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    z_.avail_in = static_cast<uInt>(n);
    return n != 0;
  }

  std::unique_ptr<ByteSource> inner_;
  std::array<std::byte, 65536> buffer_;
  z_stream z_{};
  bool ready_ = false;
  bool in_member_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> decompress(std::unique_ptr<ByteSource> inner) {
  std::array<std::byte, 4> first{};
  std::size_t have = 0;
  while (have < first.size()) {
    const std::size_t n = TRY(inner->read(std::span(first).subspan(have)));
    if (n == 0) break;
    have += n;
  }
  auto whole = std::make_unique<Rewound>(
      std::vector(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(have)), std::move(inner));
  const auto starts_with = [&](std::string_view magic) {
    return have >= magic.size() && std::memcmp(first.data(), magic.data(), magic.size()) == 0;
  };
  if (starts_with("\x28\xb5\x2f\xfd"))
    return fail("decompress", "zstd stream", 0,
                "zstd is not supported; save the image with gzip or no compression");
  if (starts_with("\x1f\x8b")) return std::make_unique<Gunzip>(std::move(whole));
  return whole;
}

}  // namespace podwire::oci
