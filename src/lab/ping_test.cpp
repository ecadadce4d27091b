#include "lab/ping.h"

#include <gtest/gtest.h>

namespace podwire::lab {
namespace {

TEST(Ping, ReadsBusyboxAndIputils) {
  EXPECT_EQ(
      parse_ping("--- x ping statistics ---\n3 packets transmitted, 2 packets received, 33% packet loss\n"),
      (PingCount{3, 2}));
  EXPECT_EQ(parse_ping("1 packets transmitted, 0 received, 100% packet loss, time 0ms\n"), (PingCount{1, 0}));
  EXPECT_EQ(parse_ping("1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"),
            (PingCount{1, 0}));
}

TEST(Ping, APingThatDidNotRunHasNoCount) {
  EXPECT_EQ(parse_ping(""), std::nullopt);
  EXPECT_EQ(parse_ping("podwire: error: no such container\n"), std::nullopt);
  EXPECT_EQ(parse_ping("many packets transmitted, 1 received"), std::nullopt);
  EXPECT_EQ(parse_ping("1 packets transmitted, "), std::nullopt);
}

TEST(Ping, Prints) { EXPECT_EQ((PingCount{1, 0}).str(), "1 sent, 0 answered"); }

}  // namespace
}  // namespace podwire::lab
