#include "oci/byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

namespace podwire::oci {
namespace {

using ::testing::HasSubstr;

std::string gzip(std::string_view text) {
  z_stream z{};
  EXPECT_EQ(::deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

Result<std::string> read_decompressed(std::string_view stored, std::size_t step) {
  const auto source = TRY(decompress(std::make_unique<TextSource>(stored)));
  std::string out;
  std::vector<std::byte> buffer(step);
  while (const std::size_t n = TRY(source->read(buffer)))
    out.append(reinterpret_cast<const char*>(buffer.data()), n);
  return out;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i * 7919);
  return text;
}

TEST(Decompress, GivesBackWhatWasPacked) {
  const auto text = sample();
  for (const std::size_t step : {std::size_t{1}, std::size_t{4096}, text.size() * 2})
    EXPECT_EQ(*read_decompressed(gzip(text), step), text) << step;
}

TEST(Decompress, ReadsSeveralMembersAsOne) {
  EXPECT_EQ(*read_decompressed(gzip("one ") + gzip("two"), 64), "one two");
}

TEST(Decompress, LeavesPlainDataAlone) {
  EXPECT_EQ(*read_decompressed("plain text", 3), "plain text");
  EXPECT_EQ(*read_decompressed("", 3), "");
  EXPECT_EQ(*read_decompressed("ab", 3), "ab");
}

TEST(Decompress, RefusesTruncatedAndCorruptData) {
  const auto packed = gzip(sample());
  EXPECT_THAT(read_decompressed(packed.substr(0, packed.size() / 2), 4096).error().message(),
              HasSubstr("too early"));
  auto corrupt = packed;
  corrupt[packed.size() / 2] ^= 0x55;
  corrupt[packed.size() / 2 + 1] ^= 0x55;
  EXPECT_FALSE(read_decompressed(corrupt, 4096));
}

TEST(Decompress, NamesZstd) {
  EXPECT_THAT(read_decompressed("\x28\xb5\x2f\xfd rest", 64).error().message(),
              HasSubstr("zstd is not supported"));
}

TEST(Digest, HashesAndParses) {
  const auto digest = Sha256::of("abc");
  EXPECT_EQ(digest.str(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(*Digest::parse(digest.str()), digest);
  EXPECT_FALSE(Digest::parse("sha256:abc"));
  EXPECT_FALSE(Digest::parse("sha512:" + digest.hex()));
  EXPECT_FALSE(Digest::parse("sha256:../" + digest.hex().substr(3)));
}

TEST(HashingSource, CoversWhatNobodyRead) {
  HashingSource source(std::make_unique<TextSource>("abc"));
  std::array<std::byte, 1> one;
  ASSERT_EQ(*source.read(one), 1U);
  EXPECT_EQ(*source.drain(), Sha256::of("abc"));
}

}  // namespace
}  // namespace podwire::oci
