#include "oci/tar_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/test_tar.h"

namespace podwire::oci {
namespace {

using ::testing::HasSubstr;
using testing::TarBuilder;

struct Read {
  std::vector<TarEntry> entries;
  std::vector<std::string> contents;
  std::string error;
};

Read read_all_members(std::string_view archive) {
  Read out;
  TextSource source(archive);
  TarReader reader(source);
  for (;;) {
    auto entry = reader.next();
    if (!entry) {
      out.error = entry.error().message();
      return out;
    }
    if (!*entry) return out;
    out.entries.push_back(**entry);
    std::string content;
    std::array<std::byte, 100> buffer;
    for (;;) {
      const auto n = reader.read(buffer);
      if (!n) {
        out.error = n.error().message();
        return out;
      }
      if (*n == 0) break;
      content.append(reinterpret_cast<const char*>(buffer.data()), *n);
    }
    out.contents.push_back(content);
  }
}

TEST(TarReader, ReadsMembersOfEveryKind) {
  const auto r =
      read_all_members(TarBuilder()
                           .add({.path = "etc/", .type = '5', .content = {}, .link = {}, .mode = 0755})
                           .add({.path = "etc/motd", .content = "hello\n", .link = {}})
                           .add({.path = "etc/link", .type = '2', .content = {}, .link = "motd"})
                           .add({.path = "etc/hard", .type = '1', .content = {}, .link = "etc/motd"})
                           .str());
  ASSERT_EQ(r.error, "");
  ASSERT_EQ(r.entries.size(), 4U);
  EXPECT_EQ(r.entries[0].type, TarType::directory);
  EXPECT_EQ(r.entries[0].mode, 0755U);
  EXPECT_EQ(r.contents[1], "hello\n");
  EXPECT_EQ(r.entries[2].type, TarType::symlink);
  EXPECT_EQ(r.entries[2].link, "motd");
  EXPECT_EQ(r.entries[3].type, TarType::hard_link);
}

TEST(TarReader, SkipsUnreadContentToTheNextHeader) {
  const auto text = TarBuilder()
                        .add({.path = "a", .content = std::string(1000, 'x'), .link = {}})
                        .add({.path = "b", .content = "y", .link = {}})
                        .str();
  TextSource source(text);
  TarReader reader(source);
  ASSERT_TRUE(reader.next()->has_value());
  EXPECT_EQ(reader.content_offset(), 512U);
  ASSERT_EQ(reader.next().value()->path, "b");
  EXPECT_EQ(reader.content_offset(), 512U + 1024U + 512U);
}

TEST(TarReader, TakesLongNamesFromPaxAndGnu) {
  const std::string name(300, 'n');
  const auto pax = read_all_members(
      TarBuilder().pax("path", name).add({.path = "short", .content = "1", .link = {}}).str());
  ASSERT_EQ(pax.error, "");
  EXPECT_EQ(pax.entries.at(0).path, name);
  const auto gnu =
      read_all_members(TarBuilder()
                           .add({.path = "././@LongLink", .type = 'L', .content = name + '\0', .link = {}})
                           .add({.path = "short", .content = "1", .link = {}})
                           .str());
  ASSERT_EQ(gnu.error, "");
  EXPECT_EQ(gnu.entries.at(0).path, name);
}

TEST(TarReader, PaxRecordsHoldForOneMemberOnly) {
  const auto r = read_all_members(TarBuilder()
                                      .pax("uid", "70000")
                                      .pax("SCHILY.xattr.user.k", "v")
                                      .add({.path = "a", .content = {}, .link = {}})
                                      .add({.path = "b", .content = {}, .link = {}})
                                      .str());
  ASSERT_EQ(r.error, "");
  EXPECT_EQ(r.entries[0].xattrs.at("user.k"), "v");
  EXPECT_EQ(r.entries[1].uid, 0U);
  EXPECT_TRUE(r.entries[1].xattrs.empty());
}

TEST(TarReader, ReadsBinaryNumbers) {
  std::string header(512, '\0');
  header.replace(0, 3, "big");
  header.replace(100, 7, "0000644");
  header.replace(108, 8, std::string("\x80\0\0\0\0\x01\x11\x70", 8));
  header[156] = '0';
  header.replace(257, 8, std::string("ustar\00000", 8));
  const auto r = read_all_members(TarBuilder().raw(header, "").str());
  ASSERT_EQ(r.error, "");
  EXPECT_EQ(r.entries.at(0).uid, 70000U);
}

TEST(TarReader, RefusesDamage) {
  auto damaged = TarBuilder().add({.path = "a", .content = "1", .link = {}}).str();
  damaged[0] = 'b';
  EXPECT_THAT(read_all_members(damaged).error, HasSubstr("checksum"));
  EXPECT_THAT(read_all_members("no tar at all").error, HasSubstr("ends inside a header"));
  EXPECT_THAT(read_all_members(std::string(512, 'x')).error, HasSubstr("octal"));
}

TEST(TarReader, RefusesAnArchiveThatEndsInsideAMember) {
  const auto whole =
      TarBuilder().add({.path = "a", .content = std::string(600, 'x'), .link = {}}).without_end();
  EXPECT_THAT(read_all_members(std::string_view(whole).substr(0, 700)).error, HasSubstr("ends"));
}

TEST(TarReader, RefusesHostileHeaders) {
  EXPECT_THAT(read_all_members(TarBuilder()
                                   .pax("path", std::string("a\0b", 3))
                                   .add({.path = "x", .content = {}, .link = {}})
                                   .str())
                  .error,
              HasSubstr("NUL"));
  EXPECT_THAT(read_all_members(TarBuilder()
                                   .pax("path", std::string(5000, 'p'))
                                   .add({.path = "x", .content = {}, .link = {}})
                                   .str())
                  .error,
              HasSubstr("too long"));
  EXPECT_THAT(read_all_members(
                  TarBuilder().add({.path = "pax", .type = 'x', .content = "999 path=x\n", .link = {}}).str())
                  .error,
              HasSubstr("malformed"));
  EXPECT_THAT(
      read_all_members(TarBuilder().add({.path = "pax", .type = 'x', .content = "5 =x\n", .link = {}}).str())
          .error,
      HasSubstr("malformed"));
  EXPECT_THAT(
      read_all_members(TarBuilder().add({.path = "s", .type = 'S', .content = {}, .link = {}}).str()).error,
      HasSubstr("sparse"));
  std::string huge(512, '\0');
  huge.replace(124, 12, "77777777777 ");
  huge[156] = 'x';
  EXPECT_THAT(read_all_members(TarBuilder().raw(huge, "").str()).error, HasSubstr("File too large"));
}

TEST(TarReader, GoesOnAfterAHugeSizeWithoutAllocatingIt) {
  const auto r = read_all_members(
      TarBuilder().pax("size", "18446744073709551615").add({.path = "x", .content = {}, .link = {}}).str());
  EXPECT_THAT(r.error, HasSubstr("ends"));
}

}  // namespace
}  // namespace podwire::oci
