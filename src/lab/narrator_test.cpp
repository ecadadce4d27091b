#include "lab/narrator.h"

#include <gmock/gmock.h>

#include "lab/text.h"

namespace podwire::lab {
namespace {
using testing::HasSubstr;
using testing::Not;

class NarratorTest : public testing::Test {
 protected:
  Narrator narrator(NarratorOptions options = {}) {
    options.print = [this](std::string_view text) { out_ += text; };
    return Narrator(std::move(options));
  }
  std::string out_;
};

TEST_F(NarratorTest, TellsWhatWasSeenAndHowToLook) {
  auto n = narrator();
  ASSERT_TRUE(n.step("bridge", "The bridge"));
  n.check({.holds = true,
           .seen = "docker0 has 172.17.0.1/16",
           .expected = "another",
           .look = "ip addr show docker0"});
  EXPECT_THAT(out_, HasSubstr("── 1. The bridge [bridge] ──"));
  EXPECT_THAT(out_, HasSubstr("  ✓ docker0 has 172.17.0.1/16\n    look: ip addr show docker0\n"));
  EXPECT_THAT(out_, Not(HasSubstr("another")));
  EXPECT_TRUE(n.report().good());
}

TEST_F(NarratorTest, ShowsACommandWithItsMachineAndItsOutput) {
  auto n = narrator();
  ASSERT_TRUE(n.step("x", "X"));
  n.command("host1", "podwire container ls", "NAME\na\n");
  EXPECT_THAT(out_, HasSubstr("  host1$ podwire container ls\n    NAME\n    a\n"));
  EXPECT_THAT(n.report().steps.back().commands, testing::ElementsAre("host1$ podwire container ls"));
}

TEST_F(NarratorTest, AFailureNamesWhatWasExpectedAndComesBackInTheSummary) {
  auto n = narrator();
  ASSERT_TRUE(n.step("bridge", "The bridge"));
  n.check({.holds = false, .seen = "docker0 has no address", .expected = "172.17.0.1/16", .look = ""});
  EXPECT_THAT(out_, HasSubstr("  ✗ docker0 has no address\n    expected: 172.17.0.1/16\n"));
  out_.clear();
  n.summary();
  EXPECT_THAT(out_, HasSubstr("1 statement checked, 0 hold, 1 does not"));
  EXPECT_THAT(out_, HasSubstr("in step bridge: docker0 has no address (expected: 172.17.0.1/16)"));
  EXPECT_FALSE(n.report().good());
}

TEST_F(NarratorTest, EscapesOnlyWithColor) {
  auto plain = narrator();
  plain.check({.holds = true, .seen = "x", .expected = "", .look = ""});
  EXPECT_THAT(out_, Not(HasSubstr("\033")));
  auto colored = narrator({.color = true, .only = {}, .print = {}, .wait_for_key = {}});
  colored.check({.holds = true, .seen = "x", .expected = "", .look = ""});
  EXPECT_THAT(out_, HasSubstr("\033[32m"));
  EXPECT_THAT(out_, HasSubstr("\033[0m\n"));
}

TEST_F(NarratorTest, NoLineIsLongerThan80Columns) {
  auto n = narrator();
  const std::string words = "one two three four five six seven eight nine ten ";
  ASSERT_TRUE(n.step("x", "Title"));
  n.say(words + words + words);
  n.check({.holds = false, .seen = words + words + words, .expected = words + words, .look = ""});
  n.summary();
  for (const auto& line : lines_of(out_)) EXPECT_LE(columns(line), 80U) << line;
}

TEST_F(NarratorTest, StepsThatAreNotAskedForAreSilentButTheirFailuresAreNot) {
  auto n = narrator({.only = {"b"}, .print = {}, .wait_for_key = {}});
  ASSERT_TRUE(n.step("a", "First"));
  n.say("prose a");
  n.command("host1", "true", "output a");
  n.check({.holds = true, .seen = "good a", .expected = "", .look = ""});
  EXPECT_EQ(out_, "");
  n.check({.holds = false, .seen = "bad a", .expected = "better", .look = ""});
  EXPECT_THAT(out_, HasSubstr("✗ bad a"));
  ASSERT_TRUE(n.step("b", "Second"));
  n.say("prose b");
  EXPECT_THAT(out_, HasSubstr("prose b"));
  EXPECT_EQ(n.report().checked(), 2U);
}

TEST_F(NarratorTest, PausesBetweenToldSteps) {
  int pauses = 0;
  auto n = narrator({.only = {"a", "c"}, .print = {}, .wait_for_key = [&]() -> Result<> {
                       ++pauses;
                       return {};
                     }});
  ASSERT_TRUE(n.step("a", "A"));
  EXPECT_EQ(pauses, 0);
  ASSERT_TRUE(n.step("b", "B"));
  ASSERT_TRUE(n.step("c", "C"));
  EXPECT_EQ(pauses, 1);
}

TEST(Report, IsGoodOnlyWhenSomethingWasCheckedAndAllHoldsToTheEnd) {
  Report report;
  EXPECT_FALSE(report.good()) << "nothing was checked";
  report.steps.push_back({.id = "a", .title = "A", .commands = {"ls"}, .statements = {}});
  report.steps[0].statements.push_back({.holds = true, .seen = "one", .expected = "", .look = ""});
  EXPECT_TRUE(report.good());
  EXPECT_EQ(report.summary(), "1 statement checked, 1 holds");
  report.broken_off = "gone";
  EXPECT_FALSE(report.good());
  EXPECT_THAT(report.json(), HasSubstr(R"("brokenOff":"gone")"));
}

TEST(Report, JsonHoldsEveryStatement) {
  Report report;
  report.steps.push_back({.id = "a", .title = "A \"quoted\"", .commands = {"ls"}, .statements = {}});
  report.steps[0].statements.push_back({.holds = false, .seen = "one", .expected = "two", .look = "ip a"});
  EXPECT_EQ(
      report.json(),
      R"({"good":false,"checked":1,"holding":0,"steps":[{"id":"a","title":"A \"quoted\"","commands":["ls"],)"
      R"("statements":[{"holds":false,"seen":"one","expected":"two","look":"ip a"}]}]})"
      "\n");
}

}  // namespace
}  // namespace podwire::lab
