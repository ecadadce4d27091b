#include "client/backoff.h"

#include <gtest/gtest.h>

namespace podwire::client {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesAsFarAsItsMost) {
  Backoff backoff;
  Clock::Time now{};
  for (const auto wait : {800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms, 30000ms, 30000ms})
    EXPECT_EQ(backoff.failed(now, 0), wait);
}

TEST(Backoff, ChanceAddsUpToAsMuchAgain) {
  Backoff backoff;
  EXPECT_EQ(backoff.failed({}, 0.5), 1200ms);
  EXPECT_EQ(backoff.failed({}, 0.75), 2800ms);
}

TEST(Backoff, ForgetsAfterAWhileOfSuccess) {
  Backoff backoff;
  Clock::Time now{};
  EXPECT_EQ(backoff.failed(now, 0), 800ms);
  backoff.succeeded(now += 10s);
  backoff.succeeded(now += 59s);
  EXPECT_EQ(backoff.failed(now, 0), 1600ms) << "not long enough";
  now += 1h;
  EXPECT_EQ(backoff.failed(now, 0), 3200ms) << "time without success heals nothing";
  backoff.succeeded(now);
  EXPECT_EQ(backoff.failed(now + 60s, 0), 800ms);
}

}  // namespace
}  // namespace podwire::client
