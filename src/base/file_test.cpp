#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>

namespace podwire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Works in a directory of its own.
class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = testing::TempDir() + "podwire-file-XXXXXX";
    dir = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(dir); }
  [[nodiscard]] std::string at(const std::string& name) const { return dir + "/" + name; }
  std::string dir;
};

TEST_F(FileTest, AtomicWriteReplacesTheWholeContent) {
  ASSERT_TRUE(write_file_atomic(at("f"), std::string(100000, 'x'), 0600));
  ASSERT_TRUE(write_file_atomic(at("f"), "short", 0600));
  EXPECT_EQ(*read_file(at("f")), "short");
  EXPECT_THAT(*list_directory(dir), ElementsAre("f"));
  struct stat s{};
  ASSERT_EQ(::stat(at("f").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
}

TEST_F(FileTest, AtomicWriteThatFailsLeavesNoTemporaryFile) {
  ASSERT_TRUE(make_directories(at("taken/full")));
  const auto result = write_file_atomic(at("taken"), "data");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().sys_errno, EISDIR);
  EXPECT_THAT(*list_directory(dir), ElementsAre("taken"));
  EXPECT_EQ(write_file_atomic(at("nosuch/f"), "data").error().sys_errno, ENOENT);
}

TEST_F(FileTest, AReaderSeesTheOldContentUntilTheNewIsWhole) {
  ASSERT_TRUE(write_file_atomic(at("f"), "old"));
  const auto reader = *open_file(at("f"), O_RDONLY);
  ASSERT_TRUE(write_file_atomic(at("f"), "new"));
  EXPECT_EQ(*read_all(reader.get()), "old");
  EXPECT_EQ(*read_file(at("f")), "new");
}

TEST_F(FileTest, ReadingHasALimit) {
  ASSERT_TRUE(write_file_atomic(at("f"), std::string(100, 'x')));
  EXPECT_EQ(read_file(at("f"), 100)->size(), 100u);
  const auto result = read_file(at("f"), 99);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().sys_errno, EFBIG);
  EXPECT_NE(result.error().message().find(at("f")), std::string::npos) << "the error names the file";
  EXPECT_EQ(read_file(at("none")).error().sys_errno, ENOENT);
}

TEST_F(FileTest, DirectoriesAreMadeWithTheirParents) {
  EXPECT_TRUE(make_directories(at("a/b/c")));
  EXPECT_TRUE(make_directories(at("a/b/c"))) << "there already is success";
  EXPECT_THAT(*list_directory(at("a/b")), ElementsAre("c"));
  ASSERT_TRUE(write_file_atomic(at("file"), ""));
  EXPECT_EQ(make_directories(at("file/below")).error().sys_errno, ENOTDIR);
}

TEST_F(FileTest, ListingAndRemoving) {
  EXPECT_THAT(*list_directory(at("none")), IsEmpty());
  ASSERT_TRUE(write_file_atomic(at("a"), ""));
  ASSERT_TRUE(write_file_atomic(at(".b"), ""));
  EXPECT_THAT(*list_directory(dir), UnorderedElementsAre("a", ".b"));
  EXPECT_TRUE(file_exists(at("a")));
  EXPECT_EQ(*remove_file(at("a")), true);
  EXPECT_EQ(*remove_file(at("a")), false) << "gone already is success";
  EXPECT_FALSE(file_exists(at("a")));
  EXPECT_EQ(remove_file(dir).error().sys_errno, EISDIR);
}

/// Runs `body` in a child process; its return value is the exit status.
template <class F>
int in_child(F&& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int try_lock(const std::string& path) {
  const auto lock = FileLock::acquire(path, std::chrono::milliseconds(0));
  return lock ? 0 : lock.error().sys_errno;
}

TEST_F(FileTest, ALockExcludesAnotherProcessUntilItIsReleased) {
  {
    const auto lock = FileLock::acquire(at("lock"));
    ASSERT_TRUE(lock);
    EXPECT_EQ(in_child([&] { return try_lock(at("lock")); }), EWOULDBLOCK);
  }
  EXPECT_EQ(in_child([&] { return try_lock(at("lock")); }), 0);
}

TEST_F(FileTest, ALockEndsWithTheProcessThatHolds) {
  const int status = in_child([&] {
    auto lock = FileLock::acquire(at("lock"));
    return lock ? 7 : 1;  // _exit: no destructor runs
  });
  ASSERT_EQ(status, 7);
  EXPECT_EQ(try_lock(at("lock")), 0);
}

TEST_F(FileTest, AWaiterGetsTheLockWhenItIsReleased) {
  int held[2], release[2];
  ASSERT_EQ(::pipe2(held, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(release, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FileLock::acquire(at("lock"));
    char c = lock ? 'y' : 'n';
    (void)!::write(held[1], &c, 1);
    (void)!::read(release[0], &c, 1);
    ::_exit(0);
  }
  const UniqueFd held_read(held[0]), held_write(held[1]), release_read(release[0]), release_write(release[1]);
  char c = 'n';
  ASSERT_EQ(::read(held_read.raw(), &c, 1), 1);
  ASSERT_EQ(c, 'y');
  EXPECT_EQ(try_lock(at("lock")), EWOULDBLOCK);
  ASSERT_EQ(::write(release_write.raw(), "x", 1), 1);
  EXPECT_TRUE(FileLock::acquire(at("lock")));
  ::waitpid(child, nullptr, 0);
}

TEST(BootId, IsOneWord) {
  const auto id = boot_id();
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size(), 36u);
  EXPECT_EQ(id->find_first_of(" \n"), std::string::npos);
}

}  // namespace
}  // namespace podwire
