#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "runtime/cni_client.h"
#include "runtime/shim.h"

namespace podwire::runtime {
namespace {

TEST(PluginConfig, PassesOnlyDeclaredCapabilities) {
  const auto list = boost::json::object{{"cniVersion", "1.1.0"}, {"name", "n"}};
  const boost::json::object plugin{{"type", "t"}, {"capabilities", {{"portMappings", true}, {"mac", false}}}};
  const boost::json::object runtime{{"portMappings", {1}}, {"mac", "x"}, {"ips", {2}}};
  const boost::json::object previous{{"ips", boost::json::array{}}};
  const auto config = plugin_config(list, plugin, runtime, &previous);
  EXPECT_EQ(config, (boost::json::object{{"type", "t"},
                                         {"cniVersion", "1.1.0"},
                                         {"name", "n"},
                                         {"runtimeConfig", {{"portMappings", {1}}}},
                                         {"prevResult", previous}}));
  EXPECT_FALSE(plugin_config(list, plugin, {}, nullptr).contains("runtimeConfig"));
}

TEST(ShimReport, RoundTrips) {
  EXPECT_TRUE(decode_report(encode_report({})));
  const auto failed = decode_report(
      encode_report(std::unexpected(oci::StartError{127, {.verb = "start", .detail = "no such program"}})));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().exit_code, 127);
  EXPECT_EQ(failed.error().error.message(), "start: no such program");
  EXPECT_EQ(decode_report("").error().exit_code, 125);
  EXPECT_EQ(decode_report("junk").error().exit_code, 125);
}

}  // namespace
}  // namespace podwire::runtime
