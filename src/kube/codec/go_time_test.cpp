#include "kube/codec/go_time.h"

#include <gtest/gtest.h>

namespace podwire::kube {
namespace {

std::string printed(std::string_view text, TimeForm form) {
  const auto parsed = parse_time(text, form);
  return parsed ? print_time(*parsed, form).value_or("out of range") : parsed.error().message;
}

TEST(Time, IsInUtcAndWholeSeconds) {
  EXPECT_EQ(printed("2026-01-31T12:00:00Z", TimeForm::seconds), "2026-01-31T12:00:00Z");
  EXPECT_EQ(printed("2026-01-31T12:00:00.999Z", TimeForm::seconds), "2026-01-31T12:00:00Z");
  EXPECT_EQ(printed("2026-01-31T01:30:00+02:00", TimeForm::seconds), "2026-01-30T23:30:00Z");
  EXPECT_EQ(printed("2024-02-29T23:59:59-00:30", TimeForm::seconds), "2024-03-01T00:29:59Z");
  EXPECT_EQ(parse_time("1970-01-01T00:00:01Z", TimeForm::seconds)->seconds, 1);
  EXPECT_EQ(print_time({.seconds = -1}, TimeForm::seconds), "1969-12-31T23:59:59Z");
}

TEST(Time, MicroTimeHasSixDigits) {
  EXPECT_EQ(printed("2026-01-31T12:00:00.000120Z", TimeForm::micros), "2026-01-31T12:00:00.000120Z");
  EXPECT_EQ(
      printed("2026-01-31T12:00:00Z", TimeForm::micros),
      "parsing time \"2026-01-31T12:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as "
      "\".000000\"");
}

TEST(Time, RefusalsInGosWords) {
  EXPECT_EQ(
      printed("yesterday", TimeForm::seconds),
      "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"");
  EXPECT_EQ(printed("2026-01-31", TimeForm::seconds),
            "parsing time \"2026-01-31\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"");
  EXPECT_EQ(printed("2026-02-30T00:00:00Z", TimeForm::seconds),
            "parsing time \"2026-02-30T00:00:00Z\": day out of range");
  EXPECT_EQ(printed("2026-13-30T00:00:00Z", TimeForm::seconds),
            "parsing time \"2026-13-30T00:00:00Z\": month out of range");
  EXPECT_EQ(printed("2026-01-30T00:00:00Zulu", TimeForm::seconds),
            "parsing time \"2026-01-30T00:00:00Zulu\": extra text: \"ulu\"");
  EXPECT_EQ(print_time({.seconds = INT64_MAX}, TimeForm::seconds), std::nullopt);
}

TEST(Duration, AsGoPrintsIt) {
  for (const std::string_view text : {"0s", "1ns", "1.5\u00b5s", "300ms", "1m0s", "1h2m3.5s", "-2h0m0s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(print_duration(*parsed), text);
  }
  EXPECT_EQ(print_duration(*parse_duration("90m")), "1h30m0s");
  EXPECT_EQ(print_duration(INT64_MIN), "-2562047h47m16.854775808s");
  EXPECT_EQ(parse_duration("5").error().message, "time: missing unit in duration \"5\"");
  EXPECT_EQ(parse_duration("5d").error().message, "time: unknown unit \"d\" in duration \"5d\"");
  EXPECT_EQ(parse_duration("").error().message, "time: invalid duration \"\"");
}

}  // namespace
}  // namespace podwire::kube
