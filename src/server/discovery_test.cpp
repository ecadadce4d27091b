#include "server/discovery.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::server {
namespace {

const Discovery& discovery() {
  static const Discovery it(kube::Schema::builtin(), "127.0.0.1:6443");
  return it;
}

const json::object* named(const json::value& list, std::string_view key, std::string_view name) {
  for (const auto& item : list.get_array())
    if (item.get_object().at(key) == json::value(name)) return &item.get_object();
  return nullptr;
}

TEST(Discovery, RootsInTheOldForm) {
  EXPECT_EQ(json::serialize(discovery().core_versions()),
            R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":)"
            R"([{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]})");
  const auto groups = discovery().groups();
  const auto* apps = named(groups.at("groups"), "name", "apps");
  ASSERT_NE(apps, nullptr);
  EXPECT_EQ(json::serialize(*apps),
            R"({"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],)"
            R"("preferredVersion":{"groupVersion":"apps/v1","version":"v1"}})");
  EXPECT_EQ(named(groups.at("groups"), "name", ""), nullptr);
  EXPECT_EQ(discovery().group("apps").at("kind"), json::value("APIGroup"));
  EXPECT_TRUE(discovery().group("nosuch").empty());
}

TEST(Discovery, ResourcesInTheOldForm) {
  const auto core = discovery().resources("", "v1");
  const auto* pods = named(core.at("resources"), "name", "pods");
  ASSERT_NE(pods, nullptr);
  EXPECT_EQ(pods->at("kind"), json::value("Pod"));
  EXPECT_EQ(pods->at("shortNames"), json::value(json::array{"po"}));
  EXPECT_EQ(pods->at("categories"), json::value(json::array{"all"}));
  const auto* eviction = named(core.at("resources"), "name", "pods/eviction");
  ASSERT_NE(eviction, nullptr);
  EXPECT_EQ(eviction->at("group"), json::value("policy"));
  const auto apps = discovery().resources("apps", "v1");
  const auto* scale = named(apps.at("resources"), "name", "deployments/scale");
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(scale->at("kind"), json::value("Scale"));
  EXPECT_TRUE(discovery().resources("apps", "v2").empty());
}

TEST(Discovery, InOneDocument) {
  const auto apps = discovery().aggregated(false);
  const auto& items = apps.at("items").get_array();
  EXPECT_FALSE(items.empty());
  bool found = false;
  for (const auto& item : items) {
    if (item.at("metadata").at("name") != json::value("apps")) continue;
    const auto& version = item.at("versions").at(0);
    EXPECT_EQ(version.at("version"), json::value("v1"));
    const auto* deployments = named(version.at("resources"), "resource", "deployments");
    ASSERT_NE(deployments, nullptr);
    EXPECT_EQ(deployments->at("scope"), json::value("Namespaced"));
    EXPECT_NE(named(deployments->at("subresources"), "subresource", "scale"), nullptr);
    found = true;
  }
  EXPECT_TRUE(found);
  const auto core = discovery().aggregated(true);
  ASSERT_EQ(core.at("items").get_array().size(), 1U);
}

}  // namespace
}  // namespace podwire::server
