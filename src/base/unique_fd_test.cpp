#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace podwire {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
UniqueFd open_null() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(UniqueFd, ClosesAtTheEndOfItsLife) {
  int raw = -1;
  {
    const auto fd = open_null();
    raw = fd.raw();
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(UniqueFd, AMoveHandsItOver) {
  auto a = open_null();
  const int raw = a.raw();
  auto b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): empty after a move is the contract
  EXPECT_EQ(b.raw(), raw);
  auto c = open_null();
  const int closed = c.raw();
  c = std::move(b);
  EXPECT_FALSE(is_open(closed)) << "what it held before is closed";
  EXPECT_TRUE(is_open(raw));
  auto& same = c;
  c = std::move(same);
  EXPECT_TRUE(is_open(raw)) << "a move to itself keeps it";
}

TEST(UniqueFd, ReleaseAndReset) {
  auto fd = open_null();
  const int raw = fd.release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(is_open(raw));
  UniqueFd again(raw);
  again.reset();
  EXPECT_FALSE(is_open(raw));
  again.reset();
  EXPECT_FALSE(again);
}

}  // namespace
}  // namespace podwire
