#include "oci/layer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/file.h"
#include "oci/test_tar.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

using ::testing::HasSubstr;
using testing::TarBuilder;
namespace fs = std::filesystem;

/// A tree to unpack into, with a file beside it that nobody may touch.
class Layer : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "podwire-layer-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    fs::create_directory(root());
    ASSERT_TRUE(write_file_atomic(base_ + "/outside", "untouched"));
  }
  void TearDown() override {
    EXPECT_EQ(*read_file(base_ + "/outside"), "untouched");
    EXPECT_TRUE(remove_tree(base_));
    EXPECT_FALSE(fs::exists(base_));
  }

  [[nodiscard]] std::string root() const { return base_ + "/root"; }
  [[nodiscard]] std::string at(const std::string& path) const { return root() + "/" + path; }
  Result<> apply(const TarBuilder& tar) {
    const auto text = tar.str();
    TextSource source(text);
    TarReader reader(source);
    const auto fd = TRY(open_file(root(), O_RDONLY | O_DIRECTORY));
    return apply_layer(reader, fd.get());
  }

  std::string base_;
};

testing::TarMember file(std::string path, std::string content = "x") {
  return {.path = std::move(path), .content = std::move(content), .link = {}};
}
testing::TarMember dir(std::string path, unsigned mode = 0755) {
  return {.path = std::move(path), .type = '5', .content = {}, .link = {}, .mode = mode};
}
testing::TarMember link(std::string path, std::string to) {
  return {.path = std::move(path), .type = '2', .content = {}, .link = std::move(to), .mode = 0777};
}

TEST_F(Layer, MakesWhatItHolds) {
  ASSERT_TRUE(apply(TarBuilder()
                        .add(dir("./", 0755))
                        .add(dir("./tmp", 01777))
                        .add(file("./etc/motd", "hello"))
                        .add(link("etc/link", "motd"))
                        .add({.path = "etc/hard", .type = '1', .content = {}, .link = "./etc/motd"})));
  EXPECT_EQ(*read_file(at("etc/link")), "hello");
  EXPECT_EQ(fs::hard_link_count(at("etc/hard")), 2U);
  struct stat st{};
  ASSERT_EQ(::stat(at("tmp").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 01777U);
}

TEST_F(Layer, ReplacesWhatIsThereButKeepsADirectorysContent) {
  ASSERT_TRUE(apply(TarBuilder()
                        .add(dir("d"))
                        .add(file("d/a", "1"))
                        .add(file("f"))
                        .add(dir("was-dir"))
                        .add(file("was-dir/x"))));
  ASSERT_TRUE(
      apply(TarBuilder().add(dir("d", 0700)).add(file("d/b", "2")).add(dir("f")).add(file("was-dir"))));
  EXPECT_EQ(*read_file(at("d/a")), "1");
  EXPECT_EQ(*read_file(at("d/b")), "2");
  EXPECT_TRUE(fs::is_directory(at("f")));
  EXPECT_TRUE(fs::is_regular_file(at("was-dir")));
}

TEST_F(Layer, WhiteoutsTakeAway) {
  ASSERT_TRUE(apply(TarBuilder().add(file("etc/a")).add(file("etc/b")).add(file("gone/deep/x"))));
  ASSERT_TRUE(apply(
      TarBuilder().add(file("etc/.wh.a", "")).add(file(".wh.gone", "")).add(file(".wh.never-was", ""))));
  EXPECT_FALSE(fs::exists(at("etc/a")));
  EXPECT_TRUE(fs::exists(at("etc/b")));
  EXPECT_FALSE(fs::exists(at("gone")));
}

TEST_F(Layer, AnOpaqueMarkerHidesEarlierLayersOnlyWhereverItStands) {
  ASSERT_TRUE(apply(TarBuilder().add(file("d/old")).add(file("d/sub/old"))));
  ASSERT_TRUE(apply(TarBuilder()
                        .add(file("d/new"))
                        .add(file("d/sub/new"))
                        .add(file("d/.wh..wh..opq", ""))
                        .add(file("d/late"))));
  EXPECT_FALSE(fs::exists(at("d/old")));
  EXPECT_FALSE(fs::exists(at("d/sub/old")));
  for (const auto* name : {"d/new", "d/sub/new", "d/late"}) EXPECT_TRUE(fs::exists(at(name))) << name;
}

TEST_F(Layer, RefusesPathsThatClimb) {
  for (const auto* path : {"../outside", "a/../../outside", "..", "/../outside"})
    EXPECT_THAT(apply(TarBuilder().add(file(path))).error().message(), HasSubstr("..")) << path;
}

TEST_F(Layer, AnAbsolutePathIsBelowTheRoot) {
  ASSERT_TRUE(apply(TarBuilder().add(file("/etc/x", "in"))));
  EXPECT_EQ(*read_file(at("etc/x")), "in");
}

TEST_F(Layer, LinksCannotLeadOut) {
  // Through a link to a directory outside, absolute or relative: it means a directory inside.
  ASSERT_TRUE(apply(TarBuilder().add(link("up", "../../../..")).add(file("up/outside", "evil"))));
  EXPECT_EQ(*read_file(at("outside")), "evil");
  ASSERT_TRUE(apply(TarBuilder().add(dir("tmp")).add(link("abs", "/tmp")).add(file("abs/y", "in"))));
  EXPECT_EQ(*read_file(at("tmp/y")), "in");
  // Writing to a link's own name replaces the link, and does not follow it.
  ASSERT_TRUE(apply(TarBuilder().add(link("out", base_ + "/outside")).add(file("out", "evil"))));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(at("out"))));
}

TEST_F(Layer, HardLinksCannotLeadOut) {
  const auto to = [](std::string target) {
    return testing::TarMember{.path = "h", .type = '1', .content = {}, .link = std::move(target)};
  };
  EXPECT_THAT(apply(TarBuilder().add(to("../outside"))).error().message(), HasSubstr(".."));
  EXPECT_FALSE(apply(TarBuilder().add(to(base_ + "/outside"))));
  EXPECT_FALSE(apply(TarBuilder().add(link("up", "..")).add(to("up/../outside"))));
  EXPECT_FALSE(apply(TarBuilder().add(link("up", "../..")).add(to("up/outside"))));
}

TEST_F(Layer, WhiteoutsCannotLeadOut) {
  EXPECT_FALSE(apply(TarBuilder().add(file(".wh...", ""))));
  EXPECT_FALSE(apply(TarBuilder().add(file("a/../../.wh.outside", ""))));
  ASSERT_TRUE(apply(TarBuilder().add(link("up", "..")).add(file("up/.wh.outside", ""))));
}

TEST_F(Layer, FollowsALinkThatAnEarlierLayerMadeOfADirectory) {
  ASSERT_TRUE(apply(TarBuilder().add(dir("usr/bin")).add(link("bin", "usr/bin"))));
  ASSERT_TRUE(apply(TarBuilder().add(file("bin/tool", "t"))));
  EXPECT_EQ(*read_file(at("usr/bin/tool")), "t");
  EXPECT_TRUE(fs::is_symlink(at("bin")));
}

TEST_F(Layer, RemovingATreeDoesNotFollowLinks) {
  ASSERT_TRUE(apply(TarBuilder().add(dir("d")).add(link("d/out", base_))));
  EXPECT_TRUE(remove_tree(root() + "/d"));
  EXPECT_FALSE(fs::exists(at("d")));
  EXPECT_TRUE(remove_tree(root() + "/d"));  // gone already
}

}  // namespace
}  // namespace podwire::oci
