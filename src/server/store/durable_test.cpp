#include <fcntl.h>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <thread>

#include "base/file.h"
#include "server/store/faulty_disk_testing.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "server/store/store_testing.h"

/// A store with a file, over restarts and on a disk that fails.
namespace podwire::server {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct DurableTest : ::testing::Test {
  Directory directory;
  std::string path = directory.file("podwire.db");
  Loop loop;
  std::unique_ptr<Store> store;

  void open() { store = open_store(loop, {.path = path}); }
  void reopen() {
    store.reset();
    open();
  }
  Outcome commit(std::vector<Write> writes) { return testing::commit(*store, loop, std::move(writes)); }
  std::vector<std::string> pods() {
    std::vector<std::string> out;
    for (const auto& object : store->list({.resource = "pods"})->items)
      out.push_back(object->key.name + "=" + text_of(*object));
    return out;
  }
};

TEST_F(DurableTest, EverythingOfAnObjectOutlivesARestart) {
  open();
  auto write = put({.resource = "deployments.apps", .ns = "default", .name = "web"}, 0, "x");
  write.labels = {{"app", "web"}, {"empty", ""}};
  write.fields = {{"metadata.name", "web"}};
  const auto first = commit({write, put(pod("a"), 0)})->at(0);
  write.seen = first->revision;
  const auto before = commit({write})->at(0);
  reopen();
  const auto after = store->get(before->key);
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(after->key, before->key);
  EXPECT_EQ(after->revision, before->revision);
  EXPECT_EQ(after->created, first->revision);
  EXPECT_EQ(after->json, before->json);
  EXPECT_EQ(after->labels, before->labels);
  EXPECT_EQ(after->fields, before->fields);
  EXPECT_TRUE(commit({erase(after->key, after->revision)}));
  EXPECT_THAT(pods(), ElementsAre("a="));
}

TEST_F(DurableTest, TheRevisionNeverGoesBack) {
  open();
  const auto created = commit({put(pod("a"), 0)})->at(0)->revision;
  const auto deleted = commit({erase(pod("a"), created)})->at(0)->revision;
  reopen();
  EXPECT_EQ(store->revision(), deleted);
  EXPECT_EQ(commit({put(pod("a"), 0)})->at(0)->revision, deleted + 1);
}

TEST_F(DurableTest, ThePastIsForgottenAtARestart) {
  open();
  ASSERT_TRUE(commit({put(pod("a"), 0), put(pod("b"), 0)}));
  const auto revision = store->revision();
  reopen();
  EXPECT_EQ(store->watch({.resource = "pods"}, revision - 1, [] {}).error(), Unserved::expired);
  EXPECT_TRUE(store->watch({.resource = "pods"}, revision, [] {}));
  EXPECT_EQ(store->list({.resource = "pods", .revision = revision - 1}).error(), Unserved::expired);
  EXPECT_EQ(store->list({.resource = "services", .revision = revision - 1}).error(), Unserved::expired);
}

TEST_F(DurableTest, WhatIsQueuedIsStillWrittenAtTheEnd) {
  open();
  for (int i = 0; i < 100; ++i)
    store->commit({put(pod("p" + std::to_string(i)), 0)},
                  [](const Outcome&) { ADD_FAILURE() << "called back after the end"; });
  reopen();
  loop.run();
  EXPECT_EQ(store->list({.resource = "pods"})->items.size(), 100U);
}

TEST_F(DurableTest, OnlyItsOwnerReadsTheFile) {
  open();
  ASSERT_TRUE(commit({put(pod("a"), 0)}));
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(DurableTest, TheLogStartsAnewUnderLoad) {
  open();
  const std::string large(100'000, 'x');
  std::uint64_t revision = 0;
  std::uintmax_t size = 0;
  // It grows until it was copied, then it is overwritten from its start.
  for (int same = 0, round = 0; same < 100; ++round) {
    ASSERT_LT(round, 5'000) << "the log grew to " << size;
    revision = commit({put(pod("a"), revision, large)})->at(0)->revision;
    const auto now = std::filesystem::file_size(path + "-wal");
    same = now == size ? same + 1 : 0;
    size = now;
  }
  reopen();
  EXPECT_EQ(store->get(pod("a"))->revision, revision);
}

struct FaultyDiskTest : DurableTest {
  FaultyDisk disk;
  ~FaultyDiskTest() override { store.reset(); }  // before the disk
};

TEST_F(FaultyDiskTest, AFullDiskRefusesWritesUntilThereIsSpace) {
  open();
  const auto revision = commit({put(pod("a"), 0, "1")})->at(0)->revision;
  disk.fail_after(0, SQLITE_FULL, SQLITE_OK);
  for (int i = 0; i < 3; ++i) {
    const auto refused = commit({put(pod("a"), revision, "2"), put(pod("b"), 0)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, 500);
    EXPECT_EQ(refused.error().reason, "InternalError");
    EXPECT_THAT(refused.error().message, HasSubstr("database or disk is full"));
    EXPECT_THAT(refused.error().message, HasSubstr("make space"));
    EXPECT_THAT(pods(), ElementsAre("a=1"));
    EXPECT_EQ(store->revision(), revision);
  }
  disk.heal();
  const auto later = commit({put(pod("a"), revision, "3")});
  ASSERT_TRUE(later);
  EXPECT_GT(later->at(0)->revision, revision + 6) << "no revision is used twice";
  reopen();
  EXPECT_THAT(pods(), ElementsAre("a=3"));
  EXPECT_EQ(store->revision(), later->at(0)->revision);
}

TEST_F(FaultyDiskTest, ACommitThatIsNotSyncedIsRefused) {
  open();
  ASSERT_TRUE(commit({put(pod("a"), 0)}));  // the first one is always synced, with the head of the log
  disk.fail_after(0, SQLITE_OK, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(commit({put(pod("b"), 0)}));
  EXPECT_THAT(pods(), ElementsAre("a="));
}

TEST_F(FaultyDiskTest, WhatBuildsOnALostCommitIsLostWithIt) {
  open();
  disk.fail_after(0, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC);
  std::vector<int> codes;
  const auto note = [&](const Outcome& outcome) { codes.push_back(outcome ? 200 : outcome.error().code); };
  store->commit({put(pod("a"), 0)}, note);
  store->commit({put(pod("a"), 2)}, note);
  store->commit({put(pod("a"), 0)}, note);  // refused before the failure is known
  store->commit({put(pod("b"), 0)}, note);
  loop.run_until([&] { return codes.size() == 4; });
  EXPECT_THAT(codes, ElementsAre(500, 500, 409, 500));
  disk.heal();
  EXPECT_TRUE(commit({put(pod("a"), 0, "new")}));
  EXPECT_THAT(pods(), ElementsAre("a=new"));
  EXPECT_EQ(store->in_flight(), 0U);
}

TEST_F(FaultyDiskTest, WhatBuildsOnALostCommitIsNotWrittenAfterIt) {
  open();
  disk.fail_after(0, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC);
  std::vector<int> codes;
  const auto note = [&](const Outcome& outcome) { codes.push_back(outcome ? 200 : outcome.error().code); };
  store->commit({put(pod("a"), 0)}, note);
  while (!disk.has_failed()) std::this_thread::yield();
  disk.heal();
  store->commit({put(pod("a"), 2)}, note);  // the store has not heard of it yet
  loop.run_until([&] { return codes.size() == 2; });
  EXPECT_THAT(codes, ElementsAre(500, 500));
  reopen();
  EXPECT_THAT(pods(), ::testing::IsEmpty());
}

TEST_F(FaultyDiskTest, WhereverItFailsWhatWasAcknowledgedIsThereAndNothingElse) {
  int good = 0;
  bool failed = true;
  for (; failed; ++good) {
    ASSERT_LT(good, 200);
    path = directory.file("round-" + std::to_string(good));
    open();
    std::vector<std::string> wanted;
    disk.fail_after(good, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC);
    for (int i = 0; i < 8; ++i) {
      const auto name = std::to_string(i);
      if (!commit({put(pod("p" + name), 0, "1")})) continue;
      wanted.push_back("p" + name + "=1");
    }
    failed = disk.has_failed();
    EXPECT_EQ(wanted.size() == 8, !failed);
    EXPECT_EQ(pods(), wanted);
    disk.heal();
    ASSERT_TRUE(commit({put(pod("z"), 0, "2")})) << good;
    wanted.emplace_back("z=2");
    const auto revision = store->revision();
    reopen();
    EXPECT_EQ(pods(), wanted) << good;
    EXPECT_EQ(store->revision(), revision);
  }
  EXPECT_GT(good, 8);
}

}  // namespace
}  // namespace podwire::server
