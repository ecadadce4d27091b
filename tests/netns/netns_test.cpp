#include "kernel/netns/netns.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::NetNs;
using testing::HasSubstr;

class NetNsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: makes network namespaces";
    char name[] = "/tmp/podwire-netns-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override {
    if (dir_.empty()) return;
    for (const auto& entry : must(list_directory(dir_))) (void)NetNs::unpin(dir_ + "/" + entry);
    std::filesystem::remove_all(dir_);
  }
  std::string dir_;
};

TEST_F(NetNsTest, CreatingOneLeavesTheThreadWhereItWas) {
  const auto before = must(NetNs::current());
  const auto made = must(NetNs::create());
  EXPECT_TRUE(must(NetNs::current()).same_as(before));
  EXPECT_FALSE(made.same_as(before));
  EXPECT_EQ(made.name(), "net:[" + std::to_string(made.inode()) + "]");
}

TEST_F(NetNsTest, EnteringMovesOnlyThisThreadAndOnlyForAWhile) {
  const auto home = must(NetNs::current());
  const auto other = must(NetNs::create());
  {
    const auto inside = must(other.enter());
    EXPECT_TRUE(must(NetNs::current()).same_as(other));
    std::uint64_t seen_by_child = 0;
    // A thread starts where its maker is; one that was there before has not moved.
    std::thread([&] { seen_by_child = must(NetNs::of_process(::getpid())).inode(); }).join();
    EXPECT_EQ(::getpid() == ::gettid() ? other.inode() : home.inode(), seen_by_child);
  }
  EXPECT_TRUE(must(NetNs::current()).same_as(home));
}

TEST_F(NetNsTest, EnteringNests) {
  const auto home = must(NetNs::current());
  const auto a = must(NetNs::create());
  const auto b = must(NetNs::create());
  {
    const auto in_a = must(a.enter());
    {
      const auto in_b = must(b.enter());
      EXPECT_TRUE(must(NetNs::current()).same_as(b));
    }
    EXPECT_TRUE(must(NetNs::current()).same_as(a));
  }
  EXPECT_TRUE(must(NetNs::current()).same_as(home));
}

TEST_F(NetNsTest, APinnedOneIsFoundByItsPathAfterEveryFdIsClosed) {
  const std::string path = dir_ + "/deep/er";
  std::uint64_t inode = 0;
  {
    const auto made = must(NetNs::create_pinned(path));
    EXPECT_EQ(made.name(), path);
    inode = made.inode();
  }
  EXPECT_EQ(must(NetNs::open(path)).inode(), inode);
  EXPECT_EQ(errno_of(NetNs::create_pinned(path)), EEXIST);
  must(NetNs::unpin(path));
  EXPECT_FALSE(file_exists(path));
  must(NetNs::unpin(path));  // a second time is a success
}

TEST_F(NetNsTest, UnpinClearsWhatACrashLeftAndTouchesNothingElse) {
  const std::string left = dir_ + "/left", kept = dir_ + "/kept";
  must(write_file_atomic(left, ""));
  must(write_file_atomic(kept, "somebody's"));
  must(NetNs::unpin(left));
  EXPECT_FALSE(file_exists(left));
  EXPECT_EQ(errno_of(NetNs::unpin(kept)), EINVAL);
  EXPECT_TRUE(file_exists(kept));
}

TEST_F(NetNsTest, OnlyNetworkNamespacesOpen) {
  must(write_file_atomic(dir_ + "/file", ""));
  const auto file = NetNs::open(dir_ + "/file");
  EXPECT_EQ(errno_of(file), EINVAL);
  EXPECT_THAT(file.error().message(), HasSubstr("not a network namespace"));
  EXPECT_EQ(errno_of(NetNs::open("/proc/self/ns/mnt")), EINVAL) << "a namespace, but of another kind";
  EXPECT_EQ(errno_of(NetNs::open(dir_ + "/nothing")), ENOENT);
  ASSERT_EQ(::mkfifo((dir_ + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(errno_of(NetNs::open(dir_ + "/fifo")), EINVAL) << "and it must not wait for a writer";
  EXPECT_EQ(errno_of(NetNs::of_process(0)), ENOENT);
}

TEST_F(NetNsTest, ADuplicateIsTheSameNamespace) {
  const auto made = must(NetNs::create());
  const auto copy = must(made.duplicate());
  EXPECT_TRUE(copy.same_as(made));
  EXPECT_NE(copy.fd().raw(), made.fd().raw());
}

TEST_F(NetNsTest, ANamedOneCannotBeEntered) {
  const auto fake = NetNs::named("pod-1");
  EXPECT_EQ(errno_of(fake.enter()), EBADF);
  EXPECT_FALSE(fake.same_as(NetNs::named("pod-1"))) << "a name is no identity";
}

}  // namespace
}  // namespace podwire::test
