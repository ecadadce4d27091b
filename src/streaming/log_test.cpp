#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "streaming/log_query.h"
#include "streaming/log_reader.h"

namespace podwire::streaming {
namespace {

const std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'700'000'000)};

std::string filtered(const Query& query, std::string_view bytes, std::size_t step = 1000) {
  LogFilter filter(*log_query(query, kNow));
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step) filter.take(bytes.substr(at, step), out);
  return out;
}

constexpr std::string_view kLog =
    "2023-11-14T22:13:10.000000000Z stdout F one\n"
    "2023-11-14T22:13:15.000000000Z stderr P half, \n"
    "2023-11-14T22:13:16.000000000Z stdout F two\n"
    "2023-11-14T22:13:17.000000000Z stderr F whole\n"
    "this is no record\n";

TEST(LogFilter, GivesTheTextHoweverItIsCut) {
  for (std::size_t step = 1; step < kLog.size(); ++step)
    ASSERT_EQ(filtered({}, kLog, step), "one\nhalf, two\nwhole\n") << step;
}

TEST(LogFilter, PutsTheTimeBeforeALineOnce) {
  EXPECT_EQ(filtered({{"timestamps", "true"}, {"stream", "Stderr"}}, kLog),
            "2023-11-14T22:13:15.000000000Z half, whole\n");
}

TEST(LogFilter, LeavesOutWhatIsOlder) {
  // kNow is 22:13:20.
  EXPECT_EQ(filtered({{"sinceSeconds", "4"}}, kLog), "two\nwhole\n");
  EXPECT_EQ(filtered({{"sinceTime", "2023-11-14T23:13:16.5+01:00"}}, kLog), "whole\n");
}

TEST(LogFilter, EndsAtTheLimit) {
  LogFilter filter(*log_query({{"limitBytes", "6"}}, kNow));
  std::string out;
  filter.take(kLog, out);
  EXPECT_EQ(out, "one\nha");
  EXPECT_TRUE(filter.done());
}

TEST(LogQuery, WhatIsWrongIsNamed) {
  for (const auto& [name, value] : Query{{"tailLines", "-1"},
                                         {"limitBytes", "x"},
                                         {"follow", "maybe"},
                                         {"sinceSeconds", ""},
                                         {"sinceTime", "yesterday"},
                                         {"stream", "stdout"}}) {
    const auto query = log_query({{name, value}}, kNow);
    ASSERT_FALSE(query.has_value()) << name;
    EXPECT_EQ(query.error().code, 400);
    EXPECT_NE(query.error().message.find(name), std::string::npos);
  }
}

TEST(LogQuery, TimesOfAnyOffsetBecomeUtc) {
  EXPECT_EQ(utc_timestamp("2026-11-23T07:00:00Z"), "2026-11-23T07:00:00.000000000Z");
  EXPECT_EQ(utc_timestamp("2026-11-23T00:30:00.25+01:00"), "2026-11-22T23:30:00.250000000Z");
  for (const auto* text : {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T25:00:00Z",
                           "2026-11-23T07:00:00", "2026-11-23T07:00:00.Z", "2026-11-23T07:00:00+0100"})
    EXPECT_EQ(utc_timestamp(text), std::nullopt) << text;
}

class LogFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(dir_); }
  LogFile() { std::filesystem::create_directories(dir_); }
  void add(std::string_view text) const { std::ofstream(path_, std::ios::app) << text; }

  std::string dir_ = testing::TempDir() + "log-" + std::to_string(::getpid());
  std::string path_ = dir_ + "/0.log";
};

TEST_F(LogFile, ItsTailIsSoManyLines) {
  add("one\ntwo\nthree\nha");
  const auto tail = [&](std::uint64_t lines) { return *LogReader::open(path_, lines)->read(); };
  EXPECT_EQ(tail(0), "");
  EXPECT_EQ(tail(1), "three\nha");
  EXPECT_EQ(tail(2), "two\nthree\nha");
  EXPECT_EQ(tail(3), "one\ntwo\nthree\nha");
  EXPECT_EQ(tail(9), "one\ntwo\nthree\nha");
}

TEST_F(LogFile, ATailMayBeLongerThanOneRead) {
  std::string all;
  for (int i = 0; i < 30'000; ++i) all += "line " + std::to_string(i) + "\n";
  add(all);
  auto reader = *LogReader::open(path_, 29'999);
  std::string seen;
  for (auto piece = *reader.read(); !piece.empty(); piece = *reader.read()) seen += piece;
  EXPECT_EQ(seen, all.substr(all.find('\n') + 1));
}

TEST_F(LogFile, IsFollowedIntoTheNextOne) {
  add("one\n");
  auto reader = *LogReader::open(path_, std::nullopt);
  EXPECT_EQ(*reader.read(), "one\n");
  EXPECT_EQ(*reader.read(), "");
  add("two\n");
  std::filesystem::rename(path_, path_ + ".1");
  EXPECT_EQ(*reader.read(), "two\n");
  EXPECT_EQ(*reader.read(), "");  // the new one is not there yet
  add("three\n");
  EXPECT_EQ(*reader.read(), "three\n");
}

TEST_F(LogFile, MustBeThere) { EXPECT_EQ(LogReader::open(path_, 1).error().sys_errno, ENOENT); }

}  // namespace
}  // namespace podwire::streaming
