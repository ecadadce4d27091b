#include "kube/codec/defaults.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

const Resource& resource(std::string_view kind) { return *Schema::builtin().kind("v1", kind); }

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

TEST(Defaults, AreFilledInWhereTheirObjectIs) {
  auto o = parse(R"({"spec":{"ports":[{"port":80},{"port":53,"protocol":"UDP"}]}})");
  apply_constant_defaults(*resource("Service").message, o);
  EXPECT_EQ(
      json::serialize(o),
      R"({"spec":{"ports":[{"port":80,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"type":"ClusterIP","sessionAffinity":"None"}})");
  auto pod = parse(
      R"({"spec":{"containers":[{"name":"a","readinessProbe":{"httpGet":{"port":80}}}],"volumes":[{"name":"v","configMap":{"name":"c"}}]}})");
  apply_constant_defaults(*resource("Pod").message, pod);
  const auto& c = pod.at("spec").at("containers").at(0);
  EXPECT_EQ(c.at("readinessProbe").at("periodSeconds"), json::value(10));
  EXPECT_EQ(c.at("readinessProbe").at("httpGet").at("scheme"), json::value("HTTP"));
  EXPECT_EQ(c.as_object().if_contains("livenessProbe"), nullptr);
  EXPECT_EQ(pod.at("spec").at("volumes").at(0).at("configMap").at("defaultMode"), json::value(420));
  EXPECT_EQ(pod.at("spec").at("restartPolicy"), json::value("Always"));
}

TEST(Defaults, OnceIsEnough) {
  auto o = parse(R"({"spec":{"ports":[{"port":80}],"type":"NodePort"}})");
  apply_constant_defaults(*resource("Service").message, o);
  EXPECT_EQ(o.at("spec").at("type"), json::value("NodePort"));
  const auto once = json::serialize(o);
  apply_constant_defaults(*resource("Service").message, o);
  EXPECT_EQ(json::serialize(o), once);
  json::object empty;
  apply_constant_defaults(*resource("Service").message, empty);
  EXPECT_TRUE(empty.empty());
}

TEST(Defaults, ADefaultObjectGetsItsOwn) {
  const auto schema = Schema::parse(
      "package test.v1\n"
      "type Inner : Inner.\n"
      "  1 a int32 default=7\n"
      "type Outer : Outer.\n"
      "  1 inner Inner default={}\n"
      "  2 by map:Inner\n"
      "  3 other Inner\n");
  ASSERT_TRUE(schema) << schema.error().message();
  auto o = parse(R"({"by":{"x":{},"y":{"a":1}}})");
  apply_constant_defaults(*schema->message("test.v1.Outer"), o);
  EXPECT_EQ(json::value(o), json::parse(R"({"inner":{"a":7},"by":{"x":{"a":7},"y":{"a":1}}})"));
}

}  // namespace
}  // namespace podwire::kube
