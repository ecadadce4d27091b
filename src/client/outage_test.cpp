#include "client/outage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace podwire::client {
namespace {

using testing::HasSubstr;

const kube::Status kCut{.code = 0, .message = "connection reset"};
const kube::Status kRefused{.code = 401, .reason = "Unauthorized", .message = "Unauthorized"};

std::string said(const std::function<void()>& during) {
  testing::internal::CaptureStderr();
  during();
  return testing::internal::GetCapturedStderr();
}

TEST(Outage, ACutNowAndThenIsNotWorthALine) {
  Outage outage("pods");
  EXPECT_EQ(said([&] {
              for (int i = 0; i < 5; ++i) {
                outage.failed(kCut, true);
                outage.opened();
                outage.progress();
              }
            }),
            "");
}

TEST(Outage, CutsWithoutAnyProgressAre) {
  Outage outage("pods");
  const auto cut = [&] {
    outage.opened();
    outage.failed(kCut, true);
  };
  EXPECT_EQ(said([&] { cut(), cut(); }), "");
  EXPECT_THAT(said(cut), HasSubstr("connection reset"));
  EXPECT_EQ(said([&] { cut(), cut(), cut(); }), "") << "said already, and no progress since";
  EXPECT_TRUE(outage.lasts());
  EXPECT_THAT(said([&] { outage.progress(); }), HasSubstr("work again"));
  EXPECT_FALSE(outage.lasts());
}

TEST(Outage, EachKindOfRefusalOnce) {
  Outage outage("pods");
  EXPECT_THAT(said([&] { outage.failed(kRefused, false); }), HasSubstr("401 Unauthorized"));
  EXPECT_EQ(said([&] { outage.failed(kRefused, false); }), "");
  EXPECT_THAT(said([&] { outage.failed(kCut, false); }), HasSubstr("resource=pods"));
  EXPECT_THAT(said([&] { outage.opened(); }), HasSubstr("work again"));
  EXPECT_EQ(said([&] { outage.progress(); }), "");
}

}  // namespace
}  // namespace podwire::client
