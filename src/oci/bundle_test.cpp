#include "oci/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/json_view.h"

namespace podwire::oci {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

boost::json::value config(const BundleSpec& spec) { return bundle_config(spec); }
std::string text(const boost::json::value& value) { return pretty_json(value); }

TEST(Bundle, JoinsTheNetworkNamespaceThatIsGiven) {
  const auto with = config({.process = {.args = {"sh"}}, .rootfs = "/r", .netns = "/run/netns/x"});
  EXPECT_THAT(text(with.at("linux").at("namespaces")), HasSubstr("/run/netns/x"));
  EXPECT_TRUE(with.at("linux").as_object().contains("sysctl"));
  const auto without = config({.process = {.args = {"sh"}}, .rootfs = "/r"});
  EXPECT_THAT(text(without.at("linux").at("namespaces")), Not(HasSubstr("network")));
  // Without a namespace of its own the sysctls would be the host's.
  EXPECT_FALSE(without.at("linux").as_object().contains("sysctl"));
}

TEST(Bundle, AsksForNothingThatNeedsCapSysResource) {
  const auto c = text(config({.process = {.args = {"sh"}}, .rootfs = "/r"}));
  EXPECT_THAT(c, Not(HasSubstr("rlimits")));
  EXPECT_THAT(c, Not(HasSubstr("oomScoreAdj")));
}

TEST(Bundle, GivesTheUsualCapabilitiesAndThoseThatAreAdded) {
  const auto c = config(
      {.process = {.args = {"sh"}, .added_capabilities = {"CAP_NET_ADMIN", "CAP_CHOWN"}}, .rootfs = "/r"});
  const auto& bounding = c.at("process").at("capabilities").at("bounding").as_array();
  EXPECT_EQ(bounding.size(), default_capabilities().size() + 1);
  EXPECT_THAT(text(bounding), HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(text(bounding), Not(HasSubstr("CAP_SYS_ADMIN")));
}

TEST(Bundle, MasksAndBinds) {
  const auto c = config({.process = {.args = {"sh"}},
                         .rootfs = "/r",
                         .mounts = {{"/state/hosts", "/etc/hosts"}, {"/data", "/data", true}},
                         .masked = {"/etc/shadow"},
                         .scratch = {"/root"}});
  EXPECT_THAT(text(c.at("linux").at("maskedPaths")), HasSubstr("/etc/shadow"));
  const auto mounts = text(c.at("mounts"));
  EXPECT_THAT(mounts, HasSubstr("/state/hosts"));
  EXPECT_THAT(mounts, HasSubstr("\"/root\""));
  EXPECT_EQ(c.at("mounts").as_array().back().at("options").as_array().back(), "ro");
}

TEST(Bundle, NamesCapabilities) {
  for (const auto* name : {"net_admin", "NET_ADMIN", "CAP_NET_ADMIN"})
    EXPECT_EQ(*capability_name(name), "CAP_NET_ADMIN");
  EXPECT_FALSE(capability_name("fly"));
}

TEST(Bundle, LaterVariablesWin) {
  EXPECT_THAT(complete_environment({"PATH=/bin", "A=1"}, {"A=2", "B="}, 0, ""),
              ElementsAre("PATH=/bin", "HOME=/root", "A=2", "B="));
  EXPECT_THAT(complete_environment({}, {}, 1000, "/home/me"), Contains("HOME=/home/me"));
  EXPECT_THAT(complete_environment({}, {"HOME=/x"}, 1000, "/home/me"), Contains("HOME=/x"));
}

}  // namespace
}  // namespace podwire::oci
