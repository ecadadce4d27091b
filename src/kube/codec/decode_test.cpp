#include "kube/codec/decode.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/codec/defaults.h"

namespace podwire::kube {
namespace {

const Resource& resource(std::string_view kind) { return *Schema::builtin().kind("v1", kind); }

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

TEST(Decode, AGoodObjectStaysAsItIs) {
  auto o = parse(
      R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"targetPort":"http"}],"selector":{"a":"b"}}})");
  const auto warnings = check_fields(resource("Service"), o, FieldValidation::strict);
  ASSERT_TRUE(warnings.has_value()) << warnings.error().message;
  EXPECT_EQ(
      o,
      parse(
          R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"targetPort":"http"}],"selector":{"a":"b"}},)"
          R"("kind":"Service","apiVersion":"v1"})"));
}

TEST(Decode, UnknownFieldsAreReportedAndGo) {
  const auto text = R"({"metadata":{"name":"a"},"spec":{"prots":[],"ports":[{"port":80,"x":1}]},"y":2})";
  auto o = parse(text);
  const auto warnings = check_fields(resource("Service"), o, FieldValidation::warn);
  ASSERT_TRUE(warnings.has_value());
  EXPECT_EQ(*warnings,
            (std::vector<std::string>{"unknown field \"spec.prots\"", "unknown field \"spec.ports[0].x\"",
                                      "unknown field \"y\""}));
  EXPECT_EQ(json::serialize(o.at("spec")), R"({"ports":[{"port":80}]})");
  o = parse(text);
  EXPECT_EQ(
      check_fields(resource("Service"), o, FieldValidation::strict).error().message,
      R"(strict decoding error: unknown field "spec.prots", unknown field "spec.ports[0].x", unknown field "y")");
  o = parse(text);
  EXPECT_TRUE(check_fields(resource("Service"), o, FieldValidation::ignore)->empty());
}

TEST(Decode, NullsAreNothing) {
  auto o = parse(R"({"metadata":{"name":"a","creationTimestamp":null},"spec":{"selector":null}})");
  ASSERT_TRUE(check_fields(resource("Service"), o, FieldValidation::strict).has_value());
  EXPECT_EQ(json::serialize(o.at("metadata")), R"({"name":"a"})");
  EXPECT_TRUE(o.at("spec").get_object().empty());
}

void refused(std::string_view kind, std::string_view text, std::string_view words) {
  auto o = parse(text);
  const auto r = check_fields(resource(kind), o, FieldValidation::warn);
  ASSERT_FALSE(r.has_value()) << text;
  EXPECT_EQ(r.error().code, 400);
  EXPECT_NE(r.error().message.find(words), std::string::npos) << r.error().message;
}

TEST(Decode, WrongTypesAsGoSaysThem) {
  refused("Service", R"({"spec":{"ports":[{"port":"x"}]}})",
          "Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal string into Go "
          "struct field "
          "ServicePort.spec.ports.port of type int32");
  refused("Service", R"({"spec":{"ports":{}}})",
          "cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort");
  refused("Service", R"({"spec":[]})",
          "cannot unmarshal array into Go struct field Service.spec of type v1.ServiceSpec");
  refused("ConfigMap", R"({"data":{"a":1}})", "of type string");
  refused("Service", R"({"spec":{"ports":[{"port":2147483648}]}})", "of type int32");
  refused("Service", R"({"spec":{"ports":[{"port":1.5}]}})", "of type int32");
  refused("Secret", R"({"data":{"a":"***"}})", "illegal base64 data");
  refused("Pod", R"({"metadata":{"creationTimestamp":"yesterday"}})", "parsing time \"yesterday\"");
  refused("Node", R"({"status":{"capacity":{"cpu":"many"}}})", "quantities must match");
  refused("Pod", R"({"apiVersion":"v2"})",
          "the API version in the data (v2) does not match the expected API version (v1)");
  refused("Pod", R"({"kind":"Node"})", "the kind in the data (Node) does not match the expected kind (Pod)");
}

TEST(Decode, NumbersTakeOneForm) {
  auto o = parse(R"({"spec":{"ports":[{"port":80.0,"targetPort":8080}]}})");
  ASSERT_TRUE(check_fields(resource("Service"), o, FieldValidation::strict).has_value());
  EXPECT_EQ(o.at("spec").at("ports").at(0).at("port"), json::value(80));
  auto n = parse(R"({"status":{"capacity":{"cpu":2,"memory":"1.5Gi","x":"1e3"}}})");
  ASSERT_TRUE(check_fields(resource("Node"), n, FieldValidation::strict).has_value());
  EXPECT_EQ(n.at("status").at("capacity").at("cpu"), json::value("2"));
}

TEST(Decode, BodiesThatAreNoObject) {
  for (const char* text : {"", "{", "[]", "7", "{\"a\":1}x", "nul"})
    EXPECT_EQ(parse_body(text).error().code, 400) << text;
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "{\"a\":";
  EXPECT_NE(parse_body(deep).error().message.find("more than 100 deep"), std::string::npos);
  EXPECT_TRUE(parse_body("{\"a\":{}}").has_value());
}

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

}  // namespace
}  // namespace podwire::kube
