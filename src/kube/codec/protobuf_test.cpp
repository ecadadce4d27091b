#include "kube/codec/protobuf.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

const Schema& schema() { return Schema::builtin(); }

std::string operator""_hex(const char* text, std::size_t size) {
  std::string out, digits;
  for (const char c : std::string_view(text, size))
    if (c != ' ' && c != '\n') digits += c;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

std::string varint(std::size_t value) {
  std::string out;
  for (; value >= 128; value /= 128) out += static_cast<char>(value % 128 + 128);
  return out + static_cast<char>(value);
}

/// A field of wire type 2, as a client's encoder writes it.
std::string sized(std::size_t number, std::string_view content) {
  return varint(number * 8 + 2) + varint(content.size()) + std::string(content);
}

std::string frame(std::string_view api_version, std::string_view kind, std::string_view raw) {
  return std::string("k8s\0", 4) + sized(1, sized(1, api_version) + sized(2, kind)) + sized(2, raw) +
         sized(3, "") + sized(4, "");
}

json::value decoded(std::string_view body) {
  auto out = from_protobuf(schema(), body);
  if (!out) return json::value(out.error().message);
  return std::move(*out);
}

TEST(ProtobufDecode, ANamespaceByteByByte) {
  // kubectl create namespace web: name and an empty creationTimestamp, empty spec and status.
  const auto body =
      "6b 38 73 00"
      "0a 0f  0a 02 76 31  12 09 4e 61 6d 65 73 70 61 63 65"  // typeMeta: v1, Namespace
      "12 1c"                                                 // raw
      "0a 16  0a 03 77 65 62"                                 // metadata: name web,
      "12 00  1a 00  22 00  2a 00  32 00  38 00  42 00"       // "" and 0 and an empty time
      "92 01 00"                                              // 18: a field of later days, empty
      "12 00  1a 00"                                          // spec, status
      "1a 00  22 00"_hex;
  EXPECT_EQ(decoded(body), json::parse(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"},
                                            "spec":{},"status":{}})"));
}

TEST(ProtobufDecode, ZerosOfPointersStayAndOthersGo) {
  // Deployment.spec (2): replicas (1, a pointer) 0, minReadySeconds (5) 0, paused (7) false
  const auto spec = "08 00 28 00 38 00"_hex;
  EXPECT_EQ(decoded(frame("apps/v1", "Deployment", sized(2, spec))),
            json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":0}})"));
}

TEST(ProtobufDecode, ServicePorts) {
  // ports (1): name (1) "", protocol (2) TCP, port (3) 80, targetPort (4) {type 1, intVal 0, strVal "web"}
  const auto named = "0a 00  12 03 54 43 50  18 50  22 09 08 01 10 00 1a 03 77 65 62  28 00"_hex;
  // port 53, targetPort {0, 5353, ""}, nodePort (5) 30053
  const auto numbered = "18 35  22 07 08 00 10 e9 29 1a 00  28 e5 ea 01"_hex;
  EXPECT_EQ(decoded(frame("v1", "Service", sized(2, sized(1, named) + sized(1, numbered)))),
            json::parse(R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[
                {"protocol":"TCP","port":80,"targetPort":"web"},
                {"port":53,"targetPort":5353,"nodePort":30053}]}})"));
}

TEST(ProtobufDecode, MapsBytesQuantitiesAndTimes) {
  const auto secret = sized(2, sized(1, "k") + sized(2, std::string("\x00\xff", 2))) + sized(3, "Opaque");
  EXPECT_EQ(decoded(frame("v1", "Secret", secret)),
            json::parse(R"({"apiVersion":"v1","kind":"Secret","data":{"k":"AP8="},"type":"Opaque"})"));
  const auto node =
      sized(3, sized(1, sized(1, "cpu") + sized(2, sized(1, "1500m"))) + sized(1, sized(1, "pods")));
  EXPECT_EQ(
      decoded(frame("v1", "Node", node)),
      json::parse(R"({"apiVersion":"v1","kind":"Node","status":{"capacity":{"cpu":"1500m","pods":"0"}}})"));
  // spec.renewTime (4): 1769860800 s and 120000 ns
  const auto lease = sized(2, sized(4, "08 c0 dd f7 cb 06 10 c0 a9 07"_hex));
  EXPECT_EQ(decoded(frame("coordination.k8s.io/v1", "Lease", lease)),
            json::parse(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
                            "spec":{"renewTime":"2026-01-31T12:00:00.000120Z"}})"));
}

TEST(ProtobufDecode, InlinedMessagesStandInTheirOuterOne) {
  // Pod.spec.volumes (1): name (1), volumeSource (2) { emptyDir (2) {} }
  const auto volume = sized(1, "tmp") + sized(2, sized(2, ""));
  EXPECT_EQ(
      decoded(frame("v1", "Pod", sized(2, sized(1, volume)))),
      json::parse(R"({"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"tmp","emptyDir":{}}]}})"));
}

TEST(ProtobufDecode, PackedAndUnpackedNumbers) {
  // securityContext (14).supplementalGroups (4), repeated int64
  const auto security = "20 01  22 03 02 ac 02  20 ff ff ff ff ff ff ff ff ff 01"_hex;
  EXPECT_EQ(decoded(frame("v1", "Pod", sized(2, sized(14, security)))),
            json::parse(R"({"apiVersion":"v1","kind":"Pod",
                            "spec":{"securityContext":{"supplementalGroups":[1,2,300,-1]}}})"));
  EXPECT_EQ(decoded(frame("v1", "Pod", sized(2, sized(14, "22 00"_hex)))),
            json::parse(R"({"apiVersion":"v1","kind":"Pod","spec":{"securityContext":{}}})"));
}

TEST(ProtobufDecode, ManagedFieldsAndExtra) {
  const auto entry = sized(1, "kubectl") + sized(7, sized(1, R"({"f:spec":{}})"));
  EXPECT_EQ(decoded(frame("v1", "Pod", sized(1, sized(17, entry)))),
            json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[
                {"manager":"kubectl","fieldsV1":{"f:spec":{}}}]}})"));
  const auto user = sized(4, sized(1, "team") + sized(2, sized(1, "a") + sized(1, "b")));
  EXPECT_EQ(decoded(frame("authentication.k8s.io/v1", "TokenReview", sized(3, sized(2, user)))),
            json::parse(R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview",
                            "status":{"user":{"extra":{"team":["a","b"]}}}})"));
}

TEST(ProtobufDecode, AMessageGivenTwiceIsMerged) {
  EXPECT_EQ(decoded(frame("v1", "Pod", sized(1, sized(1, "a")) + sized(1, sized(3, "b")))),
            json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"}})"));
}

TEST(ProtobufDecode, DeleteOptionsOfAnyGroup) {
  const auto* options = schema().message("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions");
  ASSERT_NE(options, nullptr);
  const auto raw = "08 00"_hex + sized(2, sized(1, "uid-1")) + sized(4, "Background");
  for (const std::string_view version : {"v1", "policy/v1", "apps/v1beta7"}) {
    const auto out = from_protobuf(schema(), *options, frame(version, "DeleteOptions", raw));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->at("gracePeriodSeconds"), 0);
    EXPECT_EQ(out->at("propagationPolicy"), "Background");
    EXPECT_EQ(out->at("preconditions").at("uid"), "uid-1");
  }
}

TEST(ProtobufDecode, Refusals) {
  const auto refusal = [](std::string_view body) {
    const auto out = from_protobuf(schema(), body);
    EXPECT_TRUE(!out && out.error().code == 400 && out.error().reason == "BadRequest");
    return out ? json::serialize(*out) : out.error().message;
  };
  EXPECT_EQ(refusal("{}"), "unable to decode the protobuf body: it does not begin with k8s and a zero byte");
  EXPECT_EQ(refusal(frame("v1", "Unheard", "")), "no kind \"Unheard\" is registered for version \"v1\"");
  EXPECT_EQ(refusal(frame("v1", "ObjectMeta", "")),
            "no kind \"ObjectMeta\" is registered for version \"v1\"");
  EXPECT_EQ(refusal(frame("v1", "Pod", sized(15, "x"))),
            "unable to decode the protobuf body: io.k8s.api.core.v1.Pod has a field number 15 that this "
            "server does "
            "not know");
  EXPECT_EQ(refusal(frame("v1", "Pod", sized(1, "\x0a\x7f"))),
            "unable to decode the protobuf body: io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta is cut off "
            "or broken");
  EXPECT_EQ(refusal(frame("v1", "Pod", sized(1, sized(1, "\xff")))),
            "unable to decode the protobuf body: io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta.name is not "
            "UTF-8");
  EXPECT_EQ(
      refusal(frame("v1", "Pod", "08 01"_hex)),
      "unable to decode the protobuf body: io.k8s.api.core.v1.Pod.metadata does not hold what its type says");
  EXPECT_EQ(refusal(frame("v1", "Pod", "") + sized(3, "gzip")),
            "unable to decode the protobuf body: its content is encoded once more");
  refusal(frame("v1", "Node", sized(3, sized(1, sized(1, "cpu") + sized(2, sized(1, "lots"))))));
  refusal(std::string("k8s\0\x0b", 5));
}

TEST(ProtobufDecode, DepthIsBounded) {
  // A schema that may nest for ever, as JSON schemas of CRDs do.
  const auto nesting =
      Schema::parse("package test.v1\ngroup test v1\ntype Tree : A tree.\n  1 child Tree\nkind Tree trees\n");
  ASSERT_TRUE(nesting) << nesting.error().message();
  const auto nested = [](int depth) {
    std::string raw;
    for (int i = 0; i < depth; ++i) raw = sized(1, raw);
    return frame("test/v1", "Tree", raw);
  };
  EXPECT_TRUE(from_protobuf(*nesting, nested(60)));
  for (const int depth : {70, 1000})
    EXPECT_EQ(from_protobuf(*nesting, nested(depth)).error().message,
              "unable to decode the protobuf body: it is nested too deep");
}

TEST(ProtobufDecode, FramesWithinFramesAreBounded) {
  const auto holder = Schema::parse(
      "package test.v1\ngroup test v1\ntype Holder : Holds.\n  - kind string\n  - apiVersion string\n"
      "  1 held json\nkind Holder holders\n");
  ASSERT_TRUE(holder) << holder.error().message();
  const auto nested = [](int depth) {
    auto body = frame("test/v1", "Holder", sized(1, sized(1, R"({"a":1})")));
    for (int i = 0; i < depth; ++i) body = frame("test/v1", "Holder", sized(1, sized(1, body)));
    return body;
  };
  EXPECT_EQ(from_protobuf(*holder, nested(1)).value().at("held").at("held"), json::parse(R"({"a":1})"));
  EXPECT_FALSE(from_protobuf(*holder, nested(100)));
}

TEST(ProtobufEncode, WhatIsDecodedIsWhatWasEncoded) {
  for (
      const std::string_view text : {
          R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"},
               "creationTimestamp":"2026-01-31T12:00:00Z","deletionGracePeriodSeconds":0,
               "managedFields":[{"manager":"m","fieldsV1":{"f:a":{"k:{\"x\":1}":{}}}}]},
               "spec":{"volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"w","emptyDir":{}}],
                "containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],
                 "resources":{"limits":{"cpu":"250m","memory":"1Gi"}},
                 "livenessProbe":{"httpGet":{"path":"/","port":"web"},"periodSeconds":5},
                 "env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":false}}}]}],
                "securityContext":{"supplementalGroups":[1,-2]}},"status":{"phase":"Running"}})",
          R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},
               "strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},"template":{"spec":{}}}})",
          R"({"apiVersion":"v1","kind":"Secret","data":{"a":"AAEC","b":""}})",
          R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","spec":{"leaseDurationSeconds":40,
               "renewTime":"2026-01-31T12:00:00.000120Z"}})",
          R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan"})"}) {
    const auto object = json::parse(text).as_object();
    const auto body = to_protobuf(schema(), object);
    ASSERT_TRUE(body) << body.error().message;
    const auto back = from_protobuf(schema(), *body);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(json::value(*back), json::value(object)) << json::serialize(*back);
  }
}

TEST(ProtobufEncode, RefusesWhatTheSchemaDoesNotHave) {
  const auto refusal = [](std::string_view text) {
    const auto out = to_protobuf(schema(), json::parse(text).as_object());
    return out ? std::string("encoded") : out.error().message;
  };
  EXPECT_EQ(refusal(R"({"apiVersion":"v1","kind":"Pod","spec":{"nonsense":1}})"),
            "unable to encode as protobuf: io.k8s.api.core.v1.PodSpec does not have all its fields");
  EXPECT_EQ(refusal(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":7}})"),
            "unable to encode as protobuf: io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta.name is not of "
            "its type");
  EXPECT_EQ(refusal(R"({"kind":"Pod"})"),
            "unable to encode as protobuf: no kind \"Pod\" is registered for version \"\"");
}

}  // namespace
}  // namespace podwire::kube
