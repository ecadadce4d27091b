#include "oci/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "oci/image_store.h"
#include "oci/test_tar.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TarBuilder;

testing::TarMember file(std::string path, std::string content) {
  return {.path = std::move(path), .content = std::move(content), .link = {}};
}

struct Sample {
  std::string layer = TarBuilder().add(file("hello", "hi")).str();
  std::string config =
      R"({"architecture":")" + std::string(machine_architecture()) +
      R"(","os":"linux","config":{"Cmd":["/hello"],"Env":["A=1"],"ExposedPorts":{"80/tcp":{}}},)"
      R"("rootfs":{"type":"layers","diff_ids":[")" +
      Sha256::of(layer).str() + R"("]}})";
  [[nodiscard]] Digest id() const { return Sha256::of(config); }
  [[nodiscard]] TarBuilder docker() const {
    const std::string manifest =
        R"([{"Config":")" + id().hex() + R"(.json","RepoTags":["app:1"],"Layers":["l/layer.tar"]}])";
    return TarBuilder()
        .add(file("l/layer.tar", layer))
        .add(file(id().hex() + ".json", config))
        .add(file("manifest.json", manifest));
  }
  [[nodiscard]] std::string manifest() const {
    return R"({"schemaVersion":2,"config":{"digest":")" + id().str() + R"("},"layers":[{"digest":")" +
           Sha256::of(layer).str() + R"("}]})";
  }
  [[nodiscard]] TarBuilder oci(const std::string& index) const {
    const auto blob = [](const std::string& content) {
      return file("blobs/sha256/" + Sha256::of(content).hex(), content);
    };
    return TarBuilder()
        .add(file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"))
        .add(blob(layer))
        .add(blob(config))
        .add(blob(manifest()))
        .add(file("index.json", index));
  }
  [[nodiscard]] std::string index() const {
    return R"({"schemaVersion":2,"manifests":[{"digest":")" + Sha256::of(manifest()).str() +
           R"(","annotations":{"org.opencontainers.image.ref.name":"app:2"}}]})";
  }
};

class ImageArchive : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "podwire-image-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
    std::filesystem::create_directories(dir_ + "/store");
  }
  void TearDown() override { EXPECT_TRUE(remove_tree(dir_)); }
  std::string write(const TarBuilder& tar) {
    std::ofstream(dir_ + "/image.tar") << tar.str();
    return dir_ + "/image.tar";
  }
  Result<std::vector<ArchivedImage>> read(const TarBuilder& tar) {
    const auto archive = TRY(Archive::open(write(tar), dir_));
    return images_in(archive);
  }
  std::string dir_;
};

TEST_F(ImageArchive, ReadsDockerSave) {
  const Sample sample;
  const auto images = read(sample.docker());
  ASSERT_TRUE(images) << images.error().message();
  ASSERT_EQ(images->size(), 1U);
  EXPECT_EQ((*images)[0].id, sample.id());
  EXPECT_THAT((*images)[0].names, ElementsAre("app:1"));
  EXPECT_THAT((*images)[0].config.command, ElementsAre("/hello"));
  EXPECT_THAT((*images)[0].config.exposed_ports, ElementsAre("80/tcp"));
}

TEST_F(ImageArchive, ReadsAnOciLayout) {
  const Sample sample;
  const auto images = read(sample.oci(sample.index()));
  ASSERT_TRUE(images) << images.error().message();
  EXPECT_EQ((*images)[0].id, sample.id());
  EXPECT_THAT((*images)[0].names, ElementsAre("app:2"));
}

TEST_F(ImageArchive, ComparesDigests) {
  Sample sample;
  const auto index = sample.index();
  auto lying = sample;
  lying.config += " ";
  const std::string config_file = sample.id().hex() + ".json";
  const auto docker = TarBuilder()
                          .add(file(config_file, lying.config))
                          .add(file("manifest.json", R"([{"Config":")" + config_file + R"(","Layers":[]}])"));
  EXPECT_THAT(read(docker).error().message(), HasSubstr("its digest is"));
  const auto swapped = TarBuilder()
                           .add(file("blobs/sha256/" + Sha256::of(sample.manifest()).hex(), "{}"))
                           .add(file("index.json", index));
  EXPECT_THAT(read(swapped).error().message(), HasSubstr("its digest is"));
}

TEST_F(ImageArchive, NamesTheFieldThatIsWrong) {
  const Sample sample;
  EXPECT_THAT(read(TarBuilder().add(file("manifest.json", R"([{"Config":7}])"))).error().message(),
              HasSubstr("manifest.json[0].Config"));
  EXPECT_THAT(
      read(TarBuilder().add(file("manifest.json", R"([{"Config":"../../etc/passwd"}])"))).error().message(),
      HasSubstr("Config"));
  EXPECT_THAT(read(TarBuilder().add(file("index.json", R"({"manifests":[{"digest":"sha256:../../x"}]})")))
                  .error()
                  .message(),
              HasSubstr("index.json.manifests[0].digest"));
  EXPECT_THAT(read(TarBuilder().add(file("index.json", "{"))).error().message(), HasSubstr("index.json"));
  EXPECT_THAT(read(TarBuilder().add(file("readme", "x"))).error().message(),
              HasSubstr("not an image archive"));
  EXPECT_THAT(read(TarBuilder().add(file("manifest.json", "[]"))).error().message(), HasSubstr("no image"));
}

TEST_F(ImageArchive, TakesTheImageForThisMachineOutOfAnIndex) {
  const Sample sample;
  const std::string inner = R"({"manifests":[{"digest":"sha256:)" + std::string(64, '0') +
                            R"(","platform":{"os":"linux","architecture":"pdp11"}},{"digest":")" +
                            Sha256::of(sample.manifest()).str() +
                            R"(","platform":{"os":"linux","architecture":")" +
                            std::string(machine_architecture()) + R"("}}]})";
  const std::string outer = R"({"manifests":[{"digest":")" + Sha256::of(inner).str() + R"("}]})";
  auto tar = sample.oci(outer).add(file("blobs/sha256/" + Sha256::of(inner).hex(), inner));
  ASSERT_TRUE(read(tar)) << read(tar).error().message();
  const std::string other = R"({"manifests":[{"digest":"sha256:)" + std::string(64, '0') +
                            R"(","platform":{"os":"linux","architecture":"pdp11"}}]})";
  const auto none =
      TarBuilder()
          .add(file("blobs/sha256/" + Sha256::of(other).hex(), other))
          .add(file("index.json", R"({"manifests":[{"digest":")" + Sha256::of(other).str() + R"("}]})"));
  EXPECT_THAT(read(none).error().message(), HasSubstr("linux/pdp11"));
}

TEST_F(ImageArchive, RefusesIndexesInIndexesWithoutEnd) {
  std::string at = R"({"manifests":[]})";
  TarBuilder tar;
  for (int i = 0; i < 8; ++i) {
    tar.add(file("blobs/sha256/" + Sha256::of(at).hex(), at));
    at = R"({"manifests":[{"digest":")" + Sha256::of(at).str() + R"("}]})";
  }
  EXPECT_THAT(read(tar.add(file("index.json", at))).error().message(), HasSubstr("too deeply"));
}

TEST_F(ImageArchive, ImportsFindsAndRemoves) {
  const Sample sample;
  ImageStore store(dir_ + "/store");
  const auto imported = store.import(write(sample.docker()), "other/name");
  ASSERT_TRUE(imported) << imported.error().message();
  EXPECT_THAT(imported->at(0).names, ElementsAre("app:1", "other/name:latest"));
  for (const std::string& reference : {std::string("app:1"), std::string("docker.io/library/app:1"),
                                       sample.id().hex(), sample.id().hex().substr(0, 12), sample.id().str()})
    EXPECT_TRUE(store.find(reference)) << reference;
  EXPECT_EQ(store.find("app").error().sys_errno, ENOENT);
  EXPECT_TRUE(std::filesystem::exists(store.find("app:1")->rootfs + "/hello"));

  EXPECT_THAT(*store.remove("app:1", {}), ElementsAre("Untagged: app:1"));
  EXPECT_EQ(store.remove("other/name", {sample.id().hex()}).error().sys_errno, EBUSY);
  ASSERT_TRUE(store.remove("other/name", {}));
  EXPECT_TRUE(store.list()->empty());
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/store/" + sample.id().hex()));
}

TEST_F(ImageArchive, ALayerWithAnotherContentLeavesNothing) {
  const Sample sample;
  const auto evil = TarBuilder().add(file("hello", "HI")).str();
  const auto tar =
      TarBuilder()
          .add(file("l/layer.tar", evil))
          .add(file(sample.id().hex() + ".json", sample.config))
          .add(file("manifest.json", R"([{"Config":")" + sample.id().hex() +
                                         R"(.json","RepoTags":["app:1"],"Layers":["l/layer.tar"]}])"));
  ImageStore store(dir_ + "/store");
  EXPECT_THAT(store.import(write(tar)).error().message(), HasSubstr("its digest is"));
  EXPECT_TRUE(store.list()->empty());
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/store/.incoming"));
}

TEST(FamiliarName, IsAsDockerShowsIt) {
  EXPECT_EQ(*familiar_name("alpine"), "alpine:latest");
  EXPECT_EQ(*familiar_name("docker.io/library/alpine:3.20"), "alpine:3.20");
  EXPECT_EQ(*familiar_name("quay.example:5000/a/b"), "quay.example:5000/a/b:latest");
  EXPECT_EQ(*familiar_name("quay.example:5000/a/b:V1"), "quay.example:5000/a/b:V1");
  EXPECT_EQ(*familiar_name("a@sha256:00"), "a@sha256:00");
  for (const auto* bad : {"", ":tag", "UPPER", "a b", "-x", "a:", "a/", "../x"})
    EXPECT_FALSE(familiar_name(bad)) << bad;
}

}  // namespace
}  // namespace podwire::oci
