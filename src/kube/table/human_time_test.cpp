#include "kube/table/human_time.h"

#include <gtest/gtest.h>

namespace podwire::kube {
namespace {

using namespace std::chrono_literals;

TEST(ParseTime, TakesTimesWithAndWithoutFractions) {
  const auto want = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 10h + 20min + 30s;
  EXPECT_EQ(parse_time("2026-11-23T10:20:30Z"), want);
  EXPECT_EQ(parse_time("2026-11-23T10:20:30.123456Z"), want);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), std::chrono::sys_seconds(0s));
}

TEST(ParseTime, RefusesWhatIsNone) {
  for (const auto* bad :
       {"", "Z", "2026-11-23", "2026-11-23T10:20:30", "2026-11-23 10:20:30Z", "2026-13-23T10:20:30Z",
        "2026-02-30T10:20:30Z", "2026-11-23T24:20:30Z", "2026-11-23T10:60:30Z", "2026-11-23T10:20:30+01:00",
        "2026-11-23T10:20:30.12x456Z", "2026-11-23T1x:20:30Z", "2026-11-23T-1:20:30Z", "-026-11-23T10:20:30Z",
        "2026-11-23T10:20:300Z"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(HumanDuration, HasTwoUnitsAtMost) {
  EXPECT_EQ(human_duration(-2s), "<invalid>");
  EXPECT_EQ(human_duration(-1s), "0s");
  EXPECT_EQ(human_duration(0s), "0s");
  EXPECT_EQ(human_duration(119s), "119s");
  EXPECT_EQ(human_duration(120s), "2m");
  EXPECT_EQ(human_duration(5min + 17s), "5m17s");
  EXPECT_EQ(human_duration(9min + 59s), "9m59s");
  EXPECT_EQ(human_duration(10min + 59s), "10m");
  EXPECT_EQ(human_duration(179min + 59s), "179m");
  EXPECT_EQ(human_duration(3h), "3h");
  EXPECT_EQ(human_duration(7h + 59min + 59s), "7h59m");
  EXPECT_EQ(human_duration(8h + 59min), "8h");
  EXPECT_EQ(human_duration(47h + 59min), "47h");
  EXPECT_EQ(human_duration(48h), "2d");
  EXPECT_EQ(human_duration(76h), "3d4h");
  EXPECT_EQ(human_duration(24h * 8 - 1s), "7d23h");
  EXPECT_EQ(human_duration(24h * 8 + 5h), "8d");
  EXPECT_EQ(human_duration(24h * 729), "729d");
  EXPECT_EQ(human_duration(24h * 730), "2y");
  EXPECT_EQ(human_duration(24h * 733), "2y3d");
  EXPECT_EQ(human_duration(24h * (365 * 8 - 1)), "7y364d");
  EXPECT_EQ(human_duration(24h * (365 * 9 + 30)), "9y");
}

TEST(TimeSince, UnknownWhereThereIsNone) {
  const auto now = *parse_time("2026-11-23T10:20:30Z");
  EXPECT_EQ(time_since("2026-11-23T10:15:13Z", now), "5m17s");
  EXPECT_EQ(time_since("", now), "<unknown>");
}

}  // namespace
}  // namespace podwire::kube
