#include "base/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>

#include "base/file.h"

namespace podwire {
namespace {

TEST(Spawn, GivesTheChildItsStreams) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd read(pipe[0]);
  UniqueFd write(pipe[1]);
  const auto child =
      spawn({.argv = {"sh", "-c", "echo out; echo err >&2; cat"}}, {{}, write.get(), write.get()});
  ASSERT_TRUE(child) << child.error().message();
  write.reset();
  EXPECT_EQ(*read_all(read.get()), "out\nerr\n");  // and cat ends: stdin is /dev/null
  EXPECT_EQ(*wait_for(*child), 0);
}

TEST(Spawn, GivesTheChildFurtherDescriptors) {
  auto one = make_pipe(), two = make_pipe();
  ASSERT_TRUE(one && two);
  const auto child = spawn({.argv = {"sh", "-c", "echo three >&3; echo four >&4; echo five >&5 || exit 9"},
                            .descriptors = {two->write.get(), one->write.get()}},
                           {});
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_NE(*wait_for(*child), 0) << "no fifth one";
  one->write.reset();
  two->write.reset();
  EXPECT_EQ(*read_all(one->read.get()), "four\n");
  EXPECT_EQ(*read_all(two->read.get()), "three\n");
}

TEST(Spawn, SaysWhyItCannotExecute) {
  const auto missing = spawn({.argv = {"/no/such/program"}}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().sys_errno, ENOENT);
  const auto directory = spawn({.argv = {"/proc"}}, {});
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().sys_errno, EACCES);
}

TEST(Spawn, ReportsStatusAndSignal) {
  EXPECT_EQ(*wait_for(*spawn({.argv = {"sh", "-c", "exit 7"}}, {})), 7);
  EXPECT_EQ(*wait_for(*spawn({.argv = {"sh", "-c", "kill -KILL $$"}}, {})), 128 + 9);
}

TEST(Spawn, AttachedReturnsTheStatus) { EXPECT_EQ(*run_attached({.argv = {"sh", "-c", "exit 3"}}), 3); }

}  // namespace
}  // namespace podwire
