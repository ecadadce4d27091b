#include "cli/lab_progress.h"

#include <gmock/gmock.h>

namespace podwire::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(LabProgress, WithoutATerminalOnlyNewsIsTold) {
  LabProgress progress(false);
  EXPECT_EQ(progress.tell("node0", "joining", ""), "");
  EXPECT_THAT(progress.tell("node0", "joining", "agent ended"), StartsWith("node0: joining; agent ended ("));
  EXPECT_EQ(progress.tell("node0", "joining", "agent ended"), "");
  EXPECT_THAT(progress.tell("node0", "Ready", ""), StartsWith("node0: Ready ("));
  EXPECT_EQ(progress.tell("node0", "Ready", ""), "");
  EXPECT_EQ(progress.ready(), 1U);
}

TEST(LabProgress, OnATerminalLinesAreWrittenInPlace) {
  LabProgress progress(true);
  EXPECT_THAT(progress.tell("node0", "on", ""), testing::Not(HasSubstr("\x1b[1A")));
  EXPECT_THAT(progress.tell("node1", "on", ""), StartsWith("\x1b[1A"));
  const auto both = progress.tell("node0", "Ready", "");
  EXPECT_THAT(both, StartsWith("\x1b[2A"));
  EXPECT_THAT(both, HasSubstr("node1           on"));
}

TEST(LabProgress, ManyNodesAreOneLine) {
  LabProgress progress(true);
  std::string last;
  for (int i = 0; i < 30; ++i) last = progress.tell("node" + std::to_string(i), i < 2 ? "Ready" : "on", "");
  EXPECT_THAT(last, HasSubstr("2 of 30 nodes are Ready"));
  EXPECT_THAT(last, StartsWith("\x1b[1A"));
}

}  // namespace
}  // namespace podwire::cli
