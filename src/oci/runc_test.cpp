#include "oci/runc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::oci {
namespace {

using ::testing::HasSubstr;

std::string line(std::string_view level, std::string_view message) {
  return std::string(R"({"level":")") + std::string(level) + R"(","msg":")" + std::string(message) +
         R"(","time":"2026-11-23T00:00:00Z"})"
         "\n";
}

TEST(RuncLog, TellsWhyAProgramDidNotStart) {
  const auto missing = start_error_from_log(
      line("warning", "noise") +
          line(
              "error",
              R"(runc run failed: unable to start container process: exec: \"nope\": executable file not found in $PATH)"),
      "web");
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_THAT(missing.error.message(), HasSubstr("nope"));
  EXPECT_EQ(start_error_from_log(line("error", R"(exec: \"/x\": stat /x: no such file or directory)"), "web")
                .exit_code,
            127);
  EXPECT_EQ(start_error_from_log(line("error", R"(exec: \"/etc\": permission denied)"), "web").exit_code,
            126);
  EXPECT_EQ(start_error_from_log(line("error", "container with given ID already exists"), "web").exit_code,
            125);
}

TEST(RuncLog, CopesWithAnythingInTheFile) {
  EXPECT_EQ(start_error_from_log("", "web").exit_code, 125);
  EXPECT_EQ(start_error_from_log("garbage\n{}\n[1]\n{\"level\":1}\n", "web").exit_code, 125);
  EXPECT_THAT(start_error_from_log("", "web").error.message(), HasSubstr("no reason"));
}

}  // namespace
}  // namespace podwire::oci
