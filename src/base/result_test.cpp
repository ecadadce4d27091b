#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace podwire {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail("halve", std::to_string(n), EDOM, "it is odd");
  return n / 2;
}

Result<int> quarter(int n) {
  const int h = TRY(half(n));
  return TRY(half(h));
}

Result<> only_even(int n, bool& went_on) {
  TRY(half(n));
  went_on = true;
  return {};
}

TEST(Try, GivesTheValueOrReturnsTheError) {
  EXPECT_EQ(*quarter(8), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().object, "3") << "the inner error comes up as it is";
  EXPECT_EQ(failed.error().sys_errno, EDOM);
}

TEST(Try, StopsAFunctionWithoutValue) {
  bool went_on = false;
  EXPECT_FALSE(only_even(3, went_on));
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(only_even(2, went_on));
  EXPECT_TRUE(went_on);
}

TEST(Try, MovesWhatCanOnlyBeMoved) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  const auto use = [&]() -> Result<int> {
    const std::unique_ptr<int> owned = TRY(make());
    return *owned;
  };
  EXPECT_EQ(*use(), 5);
}

TEST(Try, TakesAnExpressionWithCommas) {
  const auto sum = []() -> Result<int> { return TRY(Result<int>(std::pair<int, int>{2, 3}.second)); };
  EXPECT_EQ(*sum(), 3);
}

TEST(Error, ReadsAsADiagnosis) {
  struct Case {
    Error error;
    const char* message;
  };
  for (const auto& c : {Case{{"open", "/etc/x", ENOENT, ""}, "open /etc/x: No such file or directory"},
                        Case{{"add route", "10.1.0.0/24", EEXIST, "kernel says so"},
                             "add route 10.1.0.0/24: File exists (kernel says so)"},
                        Case{{"parse CIDR", "\"x\"", 0, ""}, "parse CIDR \"x\""},
                        Case{{"read netconf", "", 0, "no field type"}, "read netconf: no field type"},
                        Case{{"", "only this", 0, ""}, "only this"}})
    EXPECT_EQ(c.error.message(), c.message);
}

TEST(Error, GainsContextOnTheWayUp) {
  Error error{"open", "/etc/x", ENOENT, ""};
  EXPECT_EQ(std::move(error).in("ADD of pod-1").message(),
            "ADD of pod-1: open /etc/x: No such file or directory");
}

TEST(ErrorList, ReportsAllAndGoesOn) {
  ErrorList errors;
  EXPECT_TRUE(errors.result());
  errors.check(half(2));
  EXPECT_TRUE(errors.empty());
  errors.check(half(3));
  EXPECT_EQ(errors.result().error(), half(3).error()) << "a single error stays itself, with its errno";
  errors.add({"close", "x", 0, ""});
  EXPECT_EQ(errors.result().error().message(),
            "halve 3: Numerical argument out of domain (it is odd); close x");
}

}  // namespace
}  // namespace podwire
