#include "server/request_limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace podwire::server {
namespace {

using Sort = RequestLimits::Sort;

User user(std::string name, std::vector<std::string> groups = {}) {
  return {.name = std::move(name), .uid = {}, .groups = std::move(groups)};
}

TEST(RequestLimits, OneUserGetsThreeQuarters) {
  RequestLimits limits({.reads = 8, .writes = 8, .watches = 8});
  std::vector<RequestLimits::Permit> held;
  for (int i = 0; i < 6; ++i) held.push_back(std::move(limits.admit(user("a"), Sort::read).value()));
  const auto refused = limits.admit(user("a"), Sort::read);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 429);
  EXPECT_EQ(refused.error().reason, "TooManyRequests");
  EXPECT_EQ(refused.error().retry_after_seconds, 1);
  EXPECT_TRUE(limits.admit(user("a"), Sort::write).has_value());
  held.push_back(std::move(limits.admit(user("b"), Sort::read).value()));
  held.push_back(std::move(limits.admit(user("c"), Sort::read).value()));
  EXPECT_FALSE(limits.admit(user("d"), Sort::read).has_value());
  held.clear();
  EXPECT_EQ(limits.at_work(Sort::read), 0U);
  EXPECT_TRUE(limits.admit(user("a"), Sort::read).has_value());
}

TEST(RequestLimits, AdministratorsAreHeldUpForWatchesOnly) {
  RequestLimits limits({.reads = 1, .writes = 1, .watches = 1});
  const auto admin = user("admin", {"system:masters"});
  const auto read = limits.admit(admin, Sort::read);
  EXPECT_TRUE(limits.admit(admin, Sort::read).has_value());
  const auto watch = limits.admit(admin, Sort::watch);
  EXPECT_FALSE(limits.admit(admin, Sort::watch).has_value());
}

}  // namespace
}  // namespace podwire::server
