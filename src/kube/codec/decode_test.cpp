#include "kube/codec/decode.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

using testing::ElementsAre;

const Resource& resource(std::string_view kind) {
  for (const auto& r : Schema::builtin().resources())
    if (r.kind == kind) return r;
  ADD_FAILURE() << kind;
  return Schema::builtin().resources().front();
}

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

/// What is kept of an object, or the refusal.
std::string kept(std::string_view kind, std::string_view text) {
  auto o = parse(text);
  const auto r = check_fields(resource(kind), o, FieldValidation::strict);
  if (!r) {
    EXPECT_EQ(r.error().code, 400);
    EXPECT_EQ(r.error().reason, "BadRequest");
    return r.error().message;
  }
  o.erase("kind");
  o.erase("apiVersion");
  return json::serialize(o);
}

TEST(Decode, AGoodObjectStaysAsItIs) {
  auto o = parse(
      R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"targetPort":"http"}],"selector":{"a":"b"}}})");
  const auto warnings = check_fields(resource("Service"), o, FieldValidation::strict);
  ASSERT_TRUE(warnings.has_value()) << warnings.error().message;
  EXPECT_EQ(
      json::serialize(o),
      R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"targetPort":"http"}],"selector":{"a":"b"}},)"
      R"("kind":"Service","apiVersion":"v1"})");
}

TEST(Decode, UnknownFieldsAreReportedAndGo) {
  const auto text = R"({"metadata":{"name":"a"},"spec":{"prots":[],"ports":[{"port":80,"x":1}]},"y":2})";
  auto o = parse(text);
  const auto warnings =
      check_fields(resource("Service"), o, FieldValidation::warn, {"duplicate field \"a\""});
  ASSERT_TRUE(warnings.has_value());
  EXPECT_THAT(*warnings, ElementsAre("unknown field \"spec.prots\"", "unknown field \"spec.ports[0].x\"",
                                     "unknown field \"y\"", "duplicate field \"a\""));
  EXPECT_EQ(json::serialize(o.at("spec")), R"({"ports":[{"port":80}]})");
  EXPECT_EQ(kept("Service", text),
            R"(Service in version "v1" cannot be handled as a Service: strict decoding error: )"
            R"(unknown field "spec.prots", unknown field "spec.ports[0].x", unknown field "y")");
  o = parse(text);
  EXPECT_TRUE(
      check_fields(resource("Service"), o, FieldValidation::ignore, {"duplicate field \"a\""})->empty());
}

TEST(Decode, ReportsOfUnknownFieldsAreBounded) {
  json::object o;
  for (int i = 0; i < 100'000; ++i) o["u" + std::to_string(i)] = i;
  const auto warnings = check_fields(resource("Pod"), o, FieldValidation::warn);
  EXPECT_EQ(warnings->size(), 100U);
  EXPECT_EQ(o.size(), 2U);
}

TEST(Decode, WhatGoLeavesOutGoes) {
  EXPECT_EQ(kept("Service",
                 R"({"metadata":{"name":"a","creationTimestamp":null,"generation":0,"labels":{}},
                     "spec":{"selector":null,"type":"","clusterIPs":[],"publishNotReadyAddresses":false,
                       "ports":[{"port":80,"nodePort":0,"targetPort":0,"appProtocol":""}]},"status":{}})"),
            R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"appProtocol":""}]},"status":{}})");
  EXPECT_EQ(kept("Deployment", R"({"spec":{"replicas":0,"paused":false}})"), R"({"spec":{"replicas":0}})");
  // In lists and maps a null is the zero of its type; a required zero stays.
  EXPECT_EQ(kept("Pod", R"({"metadata":{"labels":{"a":null}},"spec":{"containers":[null,{"name":""}]}})"),
            R"({"metadata":{"labels":{"a":""}},"spec":{"containers":[{},{"name":""}]}})");
}

TEST(Decode, WrongTypesAsGoSaysThem) {
  const auto expect = [](std::string_view kind, std::string_view text, std::string_view words) {
    EXPECT_EQ(kept(kind, text),
              fmt::format("{0} in version \"v1\" cannot be handled as a {0}: {1}", kind, words));
  };
  expect("Service", R"({"spec":{"ports":[{"port":"x"}]}})",
         "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32");
  expect(
      "Service", R"({"spec":{"ports":{}}})",
      "json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort");
  expect("Service", R"({"spec":{"ports":[7]}})",
         "json: cannot unmarshal number into Go struct field ServiceSpec.spec.ports of type v1.ServicePort");
  expect("Service", R"({"spec":[]})",
         "json: cannot unmarshal array into Go struct field Service.spec of type v1.ServiceSpec");
  expect("Pod", R"({"metadata":{"labels":{"a":true}}})",
         "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string");
  expect("Service", R"({"spec":{"ports":[{"port":2147483648}]}})",
         "json: cannot unmarshal number 2147483648 into Go struct field ServicePort.spec.ports.port of type "
         "int32");
  expect("Service", R"({"metadata":{"generation":18446744073709551615}})",
         "json: cannot unmarshal number 18446744073709551615 into Go struct field "
         "ObjectMeta.metadata.generation of "
         "type int64");
  expect("Service", R"({"spec":{"ports":[{"targetPort":true}]}})",
         "json: cannot unmarshal bool into Go value of type int32");
  expect("Secret", R"({"data":{"a":"ab*="}})", "illegal base64 data at input byte 2");
  expect("Secret", R"({"data":{"a":"YWJjZGU"}})", "illegal base64 data at input byte 4");
  expect("Secret", R"({"data":{"a":7}})",
         "json: cannot unmarshal number into Go struct field Secret.data of type []uint8");
  expect(
      "Pod", R"({"metadata":{"creationTimestamp":"yesterday"}})",
      "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"");
  expect("Node", R"({"status":{"capacity":{"cpu":"many"}}})",
         "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

TEST(Decode, AnotherKindOrVersion) {
  EXPECT_EQ(kept("Pod", R"({"apiVersion":"v2"})"),
            "the API version in the data (v2) does not match the expected API version (v1)");
  EXPECT_EQ(kept("Pod", R"({"kind":"Node"})"),
            "Node in version \"v1\" cannot be handled as a Pod: converting (v1.Node) to (core.Pod): unknown "
            "conversion");
  EXPECT_EQ(kept("Pod", R"({"kind":7})"),
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field "
            ".kind of "
            "type string");
}

TEST(Decode, OneSpelling) {
  EXPECT_EQ(kept("Service", R"({"spec":{"ports":[{"port":80.0,"targetPort":8080}]}})"),
            R"({"spec":{"ports":[{"port":80,"targetPort":8080}]}})");
  EXPECT_EQ(kept("Node", R"({"status":{"capacity":{"a":2,"b":0.5,"c":"1.5Gi","d":"1000m","e":"0"}}})"),
            R"({"status":{"capacity":{"a":"2","b":"500m","c":"1536Mi","d":"1","e":"0"}}})");
  EXPECT_EQ(kept("Lease", R"({"metadata":{"creationTimestamp":"2026-01-31T13:00:00.5+01:00"},)"
                          R"("spec":{"renewTime":"2026-01-31T13:00:00.000001+01:00"}})"),
            R"({"metadata":{"creationTimestamp":"2026-01-31T12:00:00Z"},)"
            R"("spec":{"renewTime":"2026-01-31T12:00:00.000001Z"}})");
  EXPECT_EQ(kept("Secret", R"({"data":{"a":"YW\nJj"}})"), R"({"data":{"a":"YWJj"}})");
}

TEST(Decode, WhatWasCheckedStaysAsItIs) {
  auto o = parse(R"({"metadata":{"name":"a","managedFields":[{"fieldsV1":{"f:x":{".":{},"v:null":null}}}]},
      "spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":0.1}}}],"volumes":[{"name":"v","emptyDir":{}}]}})");
  ASSERT_TRUE(check_fields(resource("Pod"), o, FieldValidation::strict));
  auto again = o;
  ASSERT_TRUE(check_fields(resource("Pod"), again, FieldValidation::strict));
  EXPECT_EQ(json::serialize(again), json::serialize(o));
}

TEST(Decode, DeleteOptionsOfAnyGroup) {
  const auto* message = Schema::builtin().message("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions");
  auto o = parse(R"({"apiVersion":"policy/v1","kind":"DeleteOptions","gracePeriodSeconds":0,"grace":1})");
  const auto warnings = check_fields(*message, "DeleteOptions", "v1", o, FieldValidation::warn);
  ASSERT_TRUE(warnings);
  EXPECT_THAT(*warnings, ElementsAre("unknown field \"grace\""));
  EXPECT_EQ(o.at("gracePeriodSeconds"), 0);
}

TEST(Decode, BodiesThatAreNoObject) {
  for (const char* text : {"", "{", "[]", "7", "{\"a\":1}x", "nul"})
    EXPECT_EQ(parse_body(text).error().code, 400) << text;
  EXPECT_EQ(parse_body("[]").error().message,
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type "
            "struct { "
            "APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
            "\"json:\\\"kind,omitempty\\\"\" }");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "{\"a\":";
  EXPECT_NE(parse_body(deep).error().message.find("deeper than 100 levels"), std::string::npos);
  std::vector<std::string> duplicates;
  EXPECT_TRUE(parse_body("{\"a\":{},\"a\":1}", &duplicates).has_value());
  EXPECT_THAT(duplicates, ElementsAre("duplicate field \"a\""));
}

TEST(CheckConfig, ZerosStayWithWhoAppliesThem) {
  const auto& resource = *Schema::builtin().kind("v1", "Pod");
  const std::string_view text =
      R"({"metadata":{"name":"a","labels":{}},"spec":{"hostNetwork":false,"nodeName":"","containers":[],"volumes":null}})";
  auto config = json::parse(text).as_object();
  ASSERT_TRUE(check_config(resource, config, FieldValidation::strict).has_value());
  EXPECT_EQ(config.at("spec"), json::parse(R"({"hostNetwork":false,"nodeName":"","containers":[]})"));
  EXPECT_TRUE(config.at("metadata").as_object().contains("labels"));
  auto object = json::parse(text).as_object();
  ASSERT_TRUE(check_fields(resource, object, FieldValidation::strict).has_value());
  EXPECT_FALSE(object.at("spec").as_object().contains("hostNetwork"));
  EXPECT_FALSE(object.at("metadata").as_object().contains("labels"));
  auto wrong = json::parse(R"({"spec":{"hostNetwork":1,"nonsense":0}})").as_object();
  EXPECT_FALSE(check_config(resource, wrong, FieldValidation::strict).has_value());
}

}  // namespace
}  // namespace podwire::kube
