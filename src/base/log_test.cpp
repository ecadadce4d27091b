#include "base/log.h"

#include <gtest/gtest.h>

namespace podwire::log {
namespace {

class Log : public testing::Test {
 protected:
  ~Log() override { set_level(Level::warn); }
  template <class F>
  static std::string written(F&& f) {
    testing::internal::CaptureStderr();
    f();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, ALineHasLevelMessageAndFields) {
  EXPECT_EQ(written([] { warn("link is gone", {{"link", "eth0"}, {"index", 7}}); }),
            "warn link is gone link=eth0 index=7\n");
}

TEST_F(Log, OnlyFromTheChosenLevelOn) {
  EXPECT_EQ(written([] { info("quiet"); }), "");
  set_level(Level::debug);
  EXPECT_EQ(written([] { debug("loud"); }), "debug loud\n");
  set_level(Level::error);
  EXPECT_EQ(written([] { warn("quiet"); }), "");
}

TEST_F(Log, AValueThatWouldBreakTheLineIsQuoted) {
  struct Case {
    const char *value, *text;
  };
  for (const auto& c :
       {Case{"", "\"\""}, Case{"a b", "\"a b\""}, Case{"a=b", "\"a=b\""}, Case{"a\nb", "\"a\\nb\""},
        Case{"say \"x\"", "\"say \\\"x\\\"\""}, Case{"plain/value:1", "plain/value:1"}})
    EXPECT_EQ(written([&] { error("m", {{"k", c.value}}); }), std::string("error m k=") + c.text + "\n");
}

}  // namespace
}  // namespace podwire::log
