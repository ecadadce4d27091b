#include "oci/container_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "base/file.h"

namespace podwire::oci {
namespace {

using ::testing::ElementsAre;
constexpr std::chrono::system_clock::time_point kNoon(std::chrono::nanoseconds(1'764'000'000'012'345'678));

/// What a stream writes for these pieces, read back.
std::vector<LogRecord> records(const std::vector<std::string>& pieces) {
  std::array<int, 2> fds{};
  EXPECT_EQ(::pipe(fds.data()), 0);
  const UniqueFd read(fds[0]);
  UniqueFd write(fds[1]);
  LogStream stream(write.get(), true);
  for (const auto& piece : pieces) EXPECT_TRUE(stream.append(piece, kNoon));
  EXPECT_TRUE(stream.finish(kNoon));
  write.reset();
  std::vector<LogRecord> out;
  const std::string text = *read_all(read.get());
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    out.push_back(decode_log_record(std::string_view(text).substr(at, end - at)).value());
    at = end + 1;
  }
  return out;
}

TEST(ContainerLog, OneRecordALine) {
  const auto r = records({"one\ntw", "o\n\n", "rest"});
  ASSERT_EQ(r.size(), 4U);
  EXPECT_EQ(r[0], (LogRecord{timestamp(kNoon), true, false, "one"}));
  EXPECT_EQ(r[1].text, "two");
  EXPECT_EQ(r[2].text, "");
  EXPECT_EQ(r[3], (LogRecord{timestamp(kNoon), true, true, "rest"}));
}

TEST(ContainerLog, LongLinesBecomePartialRecords) {
  const auto r = records({std::string(40000, 'x') + "\n"});
  ASSERT_EQ(r.size(), 3U);
  EXPECT_TRUE(r[0].partial);
  EXPECT_TRUE(r[1].partial);
  EXPECT_FALSE(r[2].partial);
  EXPECT_EQ(r[0].text.size() + r[1].text.size() + r[2].text.size(), 40000U);
}

TEST(ContainerLog, WritesRfc3339) { EXPECT_EQ(timestamp(kNoon), "2025-11-24T16:00:00.012345678Z"); }

TEST(ContainerLog, RoundTripsAndRefusesOtherLines) {
  const LogRecord record{"2026-01-01T00:00:00.000000000Z", false, false, " a  b "};
  const auto line = encode_log_record(record);
  EXPECT_EQ(line, "2026-01-01T00:00:00.000000000Z stdout F  a  b \n");
  EXPECT_EQ(decode_log_record(std::string_view(line).substr(0, line.size() - 1)), record);
  for (const auto* bad : {"", "x", "t stdout", "t stdout F", "t stdin F x", "t stdout X x"})
    EXPECT_EQ(decode_log_record(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace podwire::oci
