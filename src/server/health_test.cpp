#include "server/health.h"

#include <gtest/gtest.h>

namespace podwire::server {
namespace {

TEST(Health, SaysOkOrEveryCheck) {
  bool ready = true, storing = true;
  Health health;
  health.add({.name = "ping", .passes = [] { return true; }});
  health.add({.name = "store", .passes = [&] { return storing; }});
  health.add({.name = "bootstrap", .passes = [&] { return ready; }, .for_readiness_only = true});
  EXPECT_EQ(health.ask("readyz", "", {}).text, "ok");
  EXPECT_EQ(health.ask("readyz", "", {{"verbose", ""}}).text,
            "[+]ping ok\n[+]store ok\n[+]bootstrap ok\nreadyz check passed\n");
  EXPECT_EQ(health.ask("livez", "", {{"verbose", ""}}).text, "[+]ping ok\n[+]store ok\nlivez check passed\n");
  ready = false;
  EXPECT_EQ(health.ask("readyz", "", {}).code, 500);
  EXPECT_EQ(health.ask("readyz", "", {}).text,
            "[+]ping ok\n[+]store ok\n[-]bootstrap failed: reason withheld\nreadyz check failed\n");
  EXPECT_EQ(health.ask("livez", "", {}).code, 200);
  EXPECT_EQ(health.ask("readyz", "", {{"exclude", "bootstrap"}}).text, "ok");
  EXPECT_EQ(health.ask("readyz", "bootstrap", {}).code, 500);
  EXPECT_EQ(health.ask("readyz", "ping", {}).text, "ok");
  EXPECT_EQ(health.ask("readyz", "other", {}).code, 404);
  EXPECT_EQ(health.ask("livez", "bootstrap", {}).code, 404);
  storing = false;
  EXPECT_EQ(health.ask("livez", "", {}).code, 500);
  EXPECT_EQ(health.ask("livez", "", {{"exclude", "store"}, {"exclude", "x"}, {"verbose", ""}}).text,
            "[+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "
            "\"x\"\nlivez check passed\n");
}

}  // namespace
}  // namespace podwire::server
