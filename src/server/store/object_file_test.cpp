#include "server/store/object_file.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include "base/file.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "server/store/store_testing.h"

/// Files that are not what they should be.
namespace podwire::server {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct ObjectFileTest : ::testing::Test {
  Directory directory;
  std::string path = directory.file("podwire.db");
  Loop loop;

  /// Each commit is two objects of the same text: "p1" and "q1" of "1"...
  void fill(Store& store, int commits, const std::string& padding = {}) {
    for (int i = 0; i < commits; ++i) {
      const auto name = std::to_string(i);
      ASSERT_TRUE(commit(store, loop, {put(pod("p" + name), 0, padding), put(pod("q" + name), 0, padding)}));
    }
  }
  /// Why the store does not open; empty: it does.
  std::string refusal() {
    auto store = Store::open({.path = path}, loop.post());
    return store ? "" : store.error().message();
  }
  void overwrite(std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
  void execute(const std::string& sql) {
    auto database = Database::open(path, Database::Mode::create);
    ASSERT_TRUE(database) << database.error().message();
    auto done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message();
  }
};

TEST_F(ObjectFileTest, IsUsedByOneProcessAtATime) {
  auto store = open_store(loop, {.path = path});
  EXPECT_EQ(refusal(), "open " + path + ": another podwire server is using it; stop that one first");
  store.reset();
  EXPECT_EQ(refusal(), "");
}

TEST_F(ObjectFileTest, NeedsItsDirectory) {
  path = directory.file("none/podwire.db");
  EXPECT_THAT(refusal(), HasSubstr("No such file or directory"));
}

TEST_F(ObjectFileTest, OneOfANewerVersionIsNotTouched) {
  open_store(loop, {.path = path}).reset();
  execute("PRAGMA user_version = 2");
  const auto before = read_file(path);
  EXPECT_EQ(refusal(), "open " + path +
                           ": it was written by a newer podwire (format 2, this one knows 1); run that one, "
                           "or move it away, with its -wal and -shm files, to start with an empty one");
  EXPECT_EQ(*read_file(path), *before);
}

TEST_F(ObjectFileTest, ForeignFilesAreRefused) {
  const auto foreign = HasSubstr("no database of podwire's");
  const auto advice = HasSubstr("move it away, with its -wal and -shm files, to start with an empty one");
  overwrite("");
  EXPECT_THAT(refusal(), AllOf(foreign, advice));
  overwrite("x");
  EXPECT_THAT(refusal(), AllOf(foreign, advice));
  overwrite(std::string(100'000, 'x'));
  EXPECT_THAT(refusal(), AllOf(foreign, advice));
  EXPECT_EQ(read_file(path)->size(), 100'000U);
  ASSERT_TRUE(remove_file(path));
  execute("CREATE TABLE other(a)");
  EXPECT_THAT(refusal(), AllOf(foreign, advice));
  execute("PRAGMA user_version = 7");
  EXPECT_THAT(refusal(), AllOf(foreign, advice));
}

TEST_F(ObjectFileTest, AnAbortedCreationIsStartedAnew) {
  std::ofstream(path + ".new") << "half";
  EXPECT_EQ(refusal(), "");
  EXPECT_FALSE(file_exists(path + ".new"));
}

TEST_F(ObjectFileTest, ALogWithoutItsFileIsNotThrownAway) {
  std::ofstream(path + "-wal") << "changes";
  EXPECT_THAT(refusal(), HasSubstr("bring the two together again"));
  EXPECT_TRUE(file_exists(path + "-wal"));
}

TEST_F(ObjectFileTest, ATruncatedFileIsRefused) {
  auto store = open_store(loop, {.path = path});
  fill(*store, 40, std::string(1000, 'x'));
  store.reset();
  const auto whole = *read_file(path);
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    overwrite(whole.substr(0, random() % (round < 20 ? 4096 : whole.size())));
    EXPECT_THAT(refusal(), HasSubstr("to start with an empty one")) << read_file(path)->size();
  }
  overwrite(whole);
  EXPECT_EQ(refusal(), "");
}

TEST_F(ObjectFileTest, DamageIsNamedOrHarmless) {
  auto store = open_store(loop, {.path = path});
  fill(*store, 20, std::string(300, 'x'));
  store.reset();
  const auto whole = *read_file(path);
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) {
    auto torn = whole;
    for (int i = 0; i < 20; ++i) torn[random() % torn.size()] = static_cast<char>(random());
    overwrite(torn);
    auto opened = Store::open({.path = path}, loop.post());
    if (opened) {
      // What it hit was text: objects are read as they are, and written over.
      for (const auto& object : opened.value()->list({.resource = "pods"})->items)
        (void)commit(**opened, loop, {erase(object->key, object->revision)});
    } else {
      EXPECT_THAT(opened.error().message(), HasSubstr(path));
    }
  }
}

TEST_F(ObjectFileTest, RowsThatCannotBeAreDamage) {
  const auto spoilt = [this](const std::string& sql) {
    (void)remove_file(path);
    auto store = open_store(loop, {.path = path});
    fill(*store, 1);
    store.reset();
    execute(sql);
    return refusal();
  };
  EXPECT_EQ(spoilt(""), "");
  EXPECT_THAT(spoilt("UPDATE state SET revision = 2"), HasSubstr("the revision of pods default/q0"));
  EXPECT_THAT(spoilt("UPDATE objects SET name = 'same'"), HasSubstr("pods default/same is there twice"));
  EXPECT_THAT(spoilt("UPDATE objects SET labels = x'05'"), HasSubstr("pods default/p0 is not whole"));
  EXPECT_THAT(spoilt("UPDATE objects SET json = ''"), HasSubstr("pods default/p0 is not whole"));
  EXPECT_THAT(spoilt("DELETE FROM state"), HasSubstr("a row is missing"));
  EXPECT_THAT(spoilt("DROP TABLE objects"), HasSubstr("no such table"));
}

TEST_F(ObjectFileTest, ATornLogEndsAtACommit) {
  auto store = open_store(loop, {.path = path});
  const int commits = 30;
  fill(*store, commits, std::string(2000, 'x'));
  // As it is on the disk at this moment.
  const auto file = *read_file(path);
  const auto log = *read_file(path + "-wal");
  store.reset();
  std::mt19937 random(3);
  std::set<std::size_t> kept;
  for (int round = 0; round < 100; ++round) {
    auto torn = log;
    const auto at = random() % log.size();
    if (round % 3 == 0)
      torn.resize(at);
    else if (round % 3 == 1)
      torn[at] = static_cast<char>(torn[at] ^ 0x40);
    else
      std::generate(torn.begin() + static_cast<std::ptrdiff_t>(at), torn.end(),
                    [&] { return static_cast<char>(random()); });
    overwrite(file);
    std::ofstream(path + "-wal", std::ios::binary | std::ios::trunc) << torn;
    auto opened = open_store(loop, {.path = path});
    const auto pods = opened->list({.resource = "pods"})->items;
    ASSERT_EQ(pods.size() % 2, 0U);
    const auto whole = pods.size() / 2;
    for (std::size_t i = 0; i < whole; ++i) {
      EXPECT_NE(opened->get(pod("p" + std::to_string(i))), nullptr);
      EXPECT_NE(opened->get(pod("q" + std::to_string(i))), nullptr);
    }
    EXPECT_EQ(opened->revision(), 1 + pods.size());
    kept.insert(whole);
  }
  EXPECT_GT(kept.size(), 10U) << "torn at many places";
}

}  // namespace
}  // namespace podwire::server
