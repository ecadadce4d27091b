#include "base/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace podwire {
namespace {

Command shell(std::string script) { return {.argv = {"sh", "-c", std::move(script)}}; }

TEST(Run, GivesStatusAndBothStreams) {
  const auto output = run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, 3);
  EXPECT_EQ(output->out, "out\n");
  EXPECT_EQ(output->err, "err\n");
}

TEST(Run, FeedsAndDrainsMoreThanAPipeHolds) {
  std::string big;
  for (int i = 0; i < 200000; ++i) big += std::to_string(i) + "\n";
  auto command = Command{.argv = {"cat"}};
  command.input = big;
  const auto output = run(command);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, big);
}

TEST(Run, DrainsBothStreamsAtOnce) {
  const auto output = run(shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out.size(), 300000u);
  EXPECT_EQ(output->err.size(), 300000u);
}

TEST(Run, AProgramMayLeaveItsInputUnread) {
  auto command = shell("exit 0");
  command.input.assign(1 << 20, 'x');
  const auto output = run(command);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->status, 0);
}

TEST(Run, WithoutInputStdinIsAtItsEnd) { EXPECT_EQ(run(Command{.argv = {"cat"}})->out, ""); }

TEST(Run, ASignalIs128PlusItsNumber) { EXPECT_EQ(run(shell("kill -TERM $$"))->status, 128 + SIGTERM); }

TEST(Run, TheChildHasTheDefaultSigpipe) {
  EXPECT_EQ(run({.argv = {"sh", "-c", "yes | head -n 1"}})->out, "y\n");
}

TEST(Run, AMissingProgramIsAnError) {
  const auto output = run({.argv = {"podwire-no-such-program"}});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().sys_errno, ENOENT);
  EXPECT_EQ(output.error().object, "podwire-no-such-program");
  EXPECT_EQ(run({.argv = {"/nonexistent/program"}}).error().sys_errno, ENOENT);
  EXPECT_EQ(run({}).error().sys_errno, EINVAL);
}

TEST(Run, EnvironmentIsOursOrExactlyTheGivenOne) {
  ::setenv("PODWIRE_PROCESS_TEST", "inherited", 1);
  EXPECT_EQ(run(shell("echo $PODWIRE_PROCESS_TEST"))->out, "inherited\n");
  auto command = shell("echo $PODWIRE_PROCESS_TEST$GIVEN");
  command.env = {"GIVEN=given"};
  EXPECT_EQ(run(command)->out, "given\n");
  ::unsetenv("PODWIRE_PROCESS_TEST");
}

TEST(Run, ArgumentsGoThroughNoShell) {
  EXPECT_EQ(run({.argv = {"printf", "%s", "a b; $HOME `x` \"q\""}})->out, "a b; $HOME `x` \"q\"");
}

TEST(Run, BeforeExecRunsInTheChildAndCanRefuse) {
  auto command = Command{.argv = {"pwd"}};
  command.before_exec = [] { return ::chdir("/"); };
  EXPECT_EQ(run(command)->out, "/\n");
  command.before_exec = [] { return 1; };
  EXPECT_EQ(run(command)->status, 126);
}

TEST(RunChecked, AFailureCarriesTheLastLineOfStderr) {
  EXPECT_EQ(*run_checked(shell("echo fine")), "fine\n");
  const auto failed = run_checked(shell("echo first >&2; echo reason >&2; exit 4"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().detail, "exit status 4: reason");
}

TEST(FindProgram, LooksInPathAndSbin) {
  EXPECT_TRUE(find_program("sh").ends_with("/sh"));
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_EQ(find_program("podwire-no-such-program"), "");
  EXPECT_EQ(find_program("/etc/passwd"), "") << "not executable";
}

}  // namespace
}  // namespace podwire
