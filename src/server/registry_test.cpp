#include "server/registry.h"

#include <set>

#include "server/registry_testing.h"

namespace podwire::server {
namespace {

using kube::text_in;

TEST_F(RegistryTest, CreatedIsThereWithItsMetadata) {
  const auto written = create("ConfigMap", R"({"metadata":{"name":"a"},"data":{"x":"y"}})");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_TRUE(written->created);
  const auto o = *get("ConfigMap", "a");
  EXPECT_EQ(text_in(o, "metadata", "namespace"), "default");
  EXPECT_EQ(text_in(o, "metadata", "creationTimestamp"), "2025-11-23T12:00:00Z");
  EXPECT_EQ(text_in(o, "metadata", "resourceVersion"), std::to_string(written->object->revision));
  EXPECT_EQ(text_in(o, "kind"), "ConfigMap");
  EXPECT_EQ(create("ConfigMap", R"({"metadata":{"name":"a"}})").error().reason, "AlreadyExists");
}

TEST_F(RegistryTest, GeneratedNamesDiffer) {
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"generateName":"c-"}})").has_value());
}

TEST_F(RegistryTest, DryRunsChangeNothing) {
  const auto before = store_->revision();
  ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":"a"}})", "default", {.dry_run = true}).has_value());
  const auto service = create("Service", R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}})",
                              "default", {.dry_run = true});
  ASSERT_TRUE(service.has_value()) << service.error().message;
  EXPECT_FALSE(get("ConfigMap", "a").has_value());
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(RegistryTest, AnUpdateThatInsistsOnAnOldRevisionIsRefused) {
  ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":"a"}})").has_value());
  const auto old = *get("ConfigMap", "a");
  ASSERT_TRUE(
      change("ConfigMap", "a", [](json::object& o) { o["data"] = json::object{{"x", "1"}}; }).has_value());
  const auto late = change("ConfigMap", "a", [&](json::object& o) {
    o = old;
    o["data"] = json::object{{"x", "2"}};
  });
  EXPECT_EQ(late.error().reason, "Conflict");
  EXPECT_EQ(text_in(*get("ConfigMap", "a"), "data", "x"), "1");
}

TEST_F(RegistryTest, AnUpdateThatChangesNothingIsNone) {
  ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":"a"}})").has_value());
  const auto before = store_->revision();
  ASSERT_TRUE(change("ConfigMap", "a", [](json::object&) {}).has_value());
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(RegistryTest, UnknownFieldsAreToldAndNotStored) {
  const auto written =
      create("Service", R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"prots":1}})");
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written->warnings, std::vector<std::string>{"unknown field \"spec.prots\""});
  EXPECT_EQ(kube::in(*get("Service", "s"), "spec", "prots"), nullptr);
}

TEST_F(RegistryTest, AServiceAndItsAddressComeAndGoTogether) {
  const auto written =
      create("Service", R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}})");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const auto service = *get("Service", "s");
  const std::string address(text_in(service, "spec", "clusterIP"));
  EXPECT_TRUE(Cidr::parse("10.96.0.0/12")->contains(*IpAddr::parse(address)));
  EXPECT_TRUE(address_exists(address));
  const auto port = service.at("spec").at("ports").at(0).at("nodePort").as_int64();
  EXPECT_GE(port, 30000);
  const auto again = create("Service", R"({"metadata":{"name":"t"},"spec":{"clusterIP":")" + address +
                                           R"(","ports":[{"port":80}]}})");
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().message.find("provided IP is already allocated"), std::string::npos)
      << again.error().message;
  ASSERT_TRUE(remove("Service", "s").has_value());
  EXPECT_FALSE(address_exists(address));
  const auto freed = create("Service", R"({"metadata":{"name":"t"},"spec":{"clusterIP":")" + address +
                                           R"(","ports":[{"port":80}]}})");
  EXPECT_TRUE(freed.has_value()) << freed.error().message;
}

TEST_F(RegistryTest, ARefusedServiceTakesNothing) {
  // The name is bad, which only validation finds, after the addresses were taken.
  const std::string bad =
      R"({"metadata":{"name":"Bad_Name"},"spec":{"clusterIP":"10.96.7.7","ports":[{"port":80}]}})";
  EXPECT_EQ(create("Service", bad).error().code, 422);
  EXPECT_FALSE(address_exists("10.96.7.7"));
  EXPECT_TRUE(create("Service",
                     R"({"metadata":{"name":"good"},"spec":{"clusterIP":"10.96.7.7","ports":[{"port":80}]}})")
                  .has_value());
}

TEST_F(RegistryTest, ManyServicesHaveAsManyAddresses) {
  std::set<std::string> addresses;
  for (int i = 0; i < 300; ++i) {
    const auto made =
        create("Service", R"({"metadata":{"generateName":"s-"},"spec":{"ports":[{"port":80}]}})");
    ASSERT_TRUE(made.has_value());
    addresses.emplace(text_in(parse_stored(*made->object), "spec", "clusterIP"));
  }
  EXPECT_EQ(addresses.size(), 300U);
}

TEST_F(RegistryTest, FinalizersHoldADeletedObjectUntilTheLastIsGone) {
  ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":"a","finalizers":["x.io/y"]}})").has_value());
  const auto removed = remove("ConfigMap", "a");
  ASSERT_TRUE(removed.has_value());
  EXPECT_FALSE(removed->gone);
  ASSERT_TRUE(get("ConfigMap", "a").has_value());
  ASSERT_TRUE(change("ConfigMap", "a", [](json::object& o) {
                kube::object_at(o, "metadata").erase("finalizers");
              }).has_value());
  EXPECT_FALSE(get("ConfigMap", "a").has_value());
}

TEST_F(RegistryTest, StatusAndSpecAreWrittenApart) {
  ASSERT_TRUE(
      create(
          "Service",
          R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}})")
          .has_value());
  EXPECT_EQ(kube::in(*get("Service", "s"), "status", "loadBalancer", "ingress"), nullptr);
  const auto set = [](json::object& o) {
    o["status"] = json::parse(
        R"({"conditions":[{"type":"X","status":"True","reason":"Y","message":"","lastTransitionTime":"2025-11-23T12:00:00Z"}]})");
  };
  ASSERT_TRUE(change("Service", "s", set).has_value());
  EXPECT_EQ(kube::in(*get("Service", "s"), "status", "conditions"), nullptr);
  const auto written = change("Service", "s", set, {}, "status");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_NE(kube::in(*get("Service", "s"), "status", "conditions"), nullptr);
}

TEST_F(RegistryTest, EveryNamespaceHasItsAccountAndRoot) {
  EXPECT_TRUE(get("ServiceAccount", "default").has_value());
  EXPECT_EQ(text_in(*get("ConfigMap", "kube-root-ca.crt"), "data", "ca.crt"), "PEM");
  EXPECT_EQ(text_in(*get("Service", "kubernetes"), "spec", "clusterIP"), "10.96.0.1");
  EXPECT_TRUE(address_exists("10.96.0.1"));
}

TEST_F(RegistryTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(remove("ConfigMap", "none").error().reason, "NotFound");
  EXPECT_EQ(change("ConfigMap", "none", [](json::object&) {}).error().message,
            "configmaps \"none\" not found");
}

}  // namespace
}  // namespace podwire::server
