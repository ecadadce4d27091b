#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <random>

#include "base/unique_fd.h"
#include "server/store/store.h"
#include "server/store/store_testing.h"

/// A process that writes is killed at any moment.
namespace podwire::server {
namespace {

using namespace testing;

constexpr int kPairs = 8;

/// How often each pair was committed. The first commit of ten makes it, the next ones change it, the last one
/// deletes it; its objects have the count as text.
using Counts = std::array<int, kPairs>;

bool deletes(int count) { return count % 10 == 0; }

/// What a child was told: so often was this pair committed.
struct Report {
  int pair;
  int count;
  std::uint64_t revision;
};

Key half(char which, int pair) { return pod(std::string(1, which) + std::to_string(pair)); }

/// Keeps a commit of every pair on its way until killed.
[[noreturn]] void write_for_ever(const std::string& path, Fd reports, Counts counts) {
  Loop loop;
  const auto store = open_store(loop, {.path = path});
  const std::function<void(int)> start = [&](int pair) {
    const int count = ++counts[static_cast<std::size_t>(pair)];
    std::vector<Write> writes;
    for (const char which : {'p', 'q'}) {
      const auto key = half(which, pair);
      const auto before = store->get(key);
      const auto seen = before ? before->revision : 0;
      writes.push_back(deletes(count) ? erase(key, seen) : put(key, seen, std::to_string(count)));
    }
    store->commit(std::move(writes), [&, pair, count](const Outcome& outcome) {
      if (!outcome) std::_Exit(2);
      const Report report{pair, count, outcome->back()->revision};
      if (::write(reports.raw(), &report, sizeof report) != sizeof report) std::_Exit(3);
      start(pair);
    });
  };
  for (int pair = 0; pair < kPairs; ++pair) start(pair);
  loop.run_until([] { return false; });
  std::_Exit(4);
}

struct KillTest : ::testing::Test {
  Directory directory;
  std::string path = directory.file("podwire.db");
  std::mt19937 random{7};
  Counts counts{};
  std::uint64_t revision = 0;  // the newest that anybody was told

  /// A child writes until it has reported this often, and a little longer.
  void kill_one(int reports) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_for_ever(path, write_end.get(), counts);
    write_end.reset();
    Report report{};
    for (int i = 0; ::read(read_end.raw(), &report, sizeof report) == sizeof report; ++i) {
      EXPECT_GT(report.revision, revision);
      revision = report.revision;
      counts.at(static_cast<std::size_t>(report.pair)) = report.count;
      if (i == reports) ::kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "exit " << WEXITSTATUS(status);
  }

  void check() {
    Loop loop;
    const auto store = open_store(loop, {.path = path});
    EXPECT_GE(store->revision(), revision);
    revision = store->revision();
    for (int pair = 0; pair < kPairs; ++pair) {
      const auto p = store->get(half('p', pair));
      const auto q = store->get(half('q', pair));
      ASSERT_EQ(p == nullptr, q == nullptr) << "half of a commit";
      // The next one may have become durable without anybody being told.
      auto& count = counts.at(static_cast<std::size_t>(pair));
      if (p) {
        ASSERT_EQ(text_of(*p), text_of(*q)) << "half of a commit";
        const int found = std::stoi(text_of(*p));
        ASSERT_TRUE(found == count || found == count + 1) << found << " after " << count;
        count = found;
      } else {
        ASSERT_TRUE(deletes(count) || deletes(count + 1)) << "nothing after " << count;
        if (!deletes(count)) ++count;
      }
    }
  }
};

TEST_F(KillTest, EveryAcknowledgedCommitOutlivesTheProcess) {
  for (int round = 0; round < 100 && !HasFailure(); ++round) {
    kill_one(static_cast<int>(random() % 100));
    check();
  }
  EXPECT_GT(revision, 1'000U);
}

}  // namespace
}  // namespace podwire::server
