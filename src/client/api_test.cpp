#include "client/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/serialize.hpp>

#include "client/fake_server_testing.h"

namespace podwire::client {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Asked = Task<kube::Answer<json::object>>;

class ApiTest : public testing::Test {
 protected:
  kube::Answer<json::object> run(Asked asked) {
    std::optional<kube::Answer<json::object>> out;
    boost::asio::co_spawn(io_, std::move(asked),
                          [&out](const std::exception_ptr& why, kube::Answer<json::object> answer) {
                            EXPECT_FALSE(why);
                            out = std::move(answer);
                          });
    io_.restart();
    io_.poll();
    EXPECT_TRUE(out) << "no answer";
    if (!out) return std::unexpected(kube::Status{});
    return std::move(*out);
  }
  /// The refusal of an answer like this one.
  kube::Status refusal(Scripted answer) {
    server_.then(std::move(answer));
    auto out = run(api_.get({.resource = "pods", .namespace_ = "d", .name = "a"}));
    EXPECT_FALSE(out);
    return out ? kube::Status{} : out.error();
  }
  const http::Call& call() { return server_.calls.back(); }
  std::string sent(std::string_view header) {
    for (const auto& [name, value] : call().headers)
      if (name == header) return value;
    return {};
  }

  boost::asio::io_context io_;
  FakeClock clock_;
  FakeServer server_{clock_};
  Api api_{server_, kube::Schema::builtin(), "podwire-test/1", clock_};
};

TEST_F(ApiTest, Targets) {
  const auto target = [this](ObjectPath path) { return api_.target(path).value_or("none"); };
  EXPECT_EQ(target({.resource = "pods"}), "/api/v1/pods");
  EXPECT_EQ(target({.resource = "pods", .namespace_ = "d"}), "/api/v1/namespaces/d/pods");
  EXPECT_EQ(target({.resource = "pods", .namespace_ = "d", .name = "a", .subresource = "binding"}),
            "/api/v1/namespaces/d/pods/a/binding");
  EXPECT_EQ(target({.resource = "nodes", .namespace_ = "d", .name = "n"}), "/api/v1/nodes/n");
  EXPECT_EQ(target({.resource = "events"}), "/api/v1/events");
  EXPECT_EQ(target({.resource = "events.events.k8s.io", .namespace_ = "d"}),
            "/apis/events.k8s.io/v1/namespaces/d/events");
  EXPECT_EQ(target({.resource = "deployments.apps", .namespace_ = "d", .name = "x", .subresource = "scale"}),
            "/apis/apps/v1/namespaces/d/deployments/x/scale");
  EXPECT_EQ(target({.resource = "pods", .namespace_ = "a/b", .name = "../x?y"}),
            "/api/v1/namespaces/a%2Fb/pods/..%2Fx%3Fy");
  EXPECT_EQ(target({.resource = "pods.apps"}), "none");
  EXPECT_EQ(target({.resource = ""}), "none");
}

TEST_F(ApiTest, Gets) {
  server_.then(answer(200, R"({"kind":"Pod"})"));
  const auto got = run(api_.get({.resource = "pods", .namespace_ = "d", .name = "a"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(json::serialize(*got), R"({"kind":"Pod"})");
  EXPECT_EQ(call().method, "GET");
  EXPECT_EQ(sent("Accept"), "application/json");
  EXPECT_EQ(sent("User-Agent"), "podwire-test/1");
  EXPECT_EQ(sent("Content-Type"), "");
}

TEST_F(ApiTest, Lists) {
  server_.then(answer(200, "{}"));
  ASSERT_TRUE(
      run(api_.list({.resource = "pods", .name = "ignored"}, {.label_selector = "a in (b, c),!d",
                                                              .field_selector = "spec.nodeName=n",
                                                              .resource_version = "7",
                                                              .resource_version_match = "NotOlderThan",
                                                              .continue_token = "a+b/=",
                                                              .limit = 3,
                                                              .metadata_only = true})));
  EXPECT_EQ(call().target,
            "/api/v1/pods?labelSelector=a%20in%20%28b%2C%20c%29%2C%21d&fieldSelector=spec.nodeName%3Dn&"
            "resourceVersion=7&resourceVersionMatch=NotOlderThan&continue=a%2Bb%2F%3D&limit=3");
  EXPECT_THAT(sent("Accept"), HasSubstr("as=PartialObjectMetadataList"));
}

TEST_F(ApiTest, Writes) {
  const ObjectPath pod{.resource = "pods", .namespace_ = "d", .name = "a"};
  server_.then(answer(201, "{}")).then(answer(201, "{}")).then(answer(200, "{}"));
  ASSERT_TRUE(run(api_.create(pod, {{"x", 1}})));
  EXPECT_EQ(call().method + " " + call().target, "POST /api/v1/namespaces/d/pods");
  EXPECT_EQ(call().body, R"({"x":1})");
  EXPECT_EQ(sent("Content-Type"), "application/json");
  auto binding = pod;
  binding.subresource = "binding";
  ASSERT_TRUE(run(api_.create(binding, {})));
  EXPECT_EQ(call().target, "/api/v1/namespaces/d/pods/a/binding");
  ASSERT_TRUE(run(api_.replace(pod, {})));
  EXPECT_EQ(call().method + " " + call().target, "PUT /api/v1/namespaces/d/pods/a");
}

TEST_F(ApiTest, Patches) {
  const ObjectPath pod{.resource = "pods", .namespace_ = "d", .name = "a"};
  const auto patch = [&](PatchType type, std::string manager, bool force) {
    server_.then(answer(200, "{}"));
    EXPECT_TRUE(run(api_.patch(pod, json::object(), type, std::move(manager), force)));
    return sent("Content-Type") + " " + call().target;
  };
  EXPECT_EQ(patch(PatchType::merge, "", false), "application/merge-patch+json /api/v1/namespaces/d/pods/a");
  EXPECT_EQ(patch(PatchType::json, "", false), "application/json-patch+json /api/v1/namespaces/d/pods/a");
  EXPECT_EQ(patch(PatchType::strategic, "", false),
            "application/strategic-merge-patch+json /api/v1/namespaces/d/pods/a");
  EXPECT_EQ(patch(PatchType::apply, "me too", true),
            "application/apply-patch+yaml /api/v1/namespaces/d/pods/a?fieldManager=me%20too&force=true");
  EXPECT_EQ(patch(PatchType::apply, "me", false),
            "application/apply-patch+yaml /api/v1/namespaces/d/pods/a?fieldManager=me");
  EXPECT_EQ(call().method, "PATCH");
}

TEST_F(ApiTest, Removes) {
  const ObjectPath pod{.resource = "pods", .namespace_ = "d", .name = "a"};
  server_.then(answer(200, "")).then(answer(200, R"({"kind":"Status","status":"Success"})"));
  const auto done = run(api_.remove(pod, {}));
  ASSERT_TRUE(done);
  EXPECT_THAT(*done, IsEmpty());
  EXPECT_EQ(call().body, R"({"kind":"DeleteOptions","apiVersion":"v1"})");
  ASSERT_TRUE(run(api_.remove(
      pod, {.uid = "u", .resource_version = "5", .grace_seconds = 0, .propagation = "Foreground"})));
  EXPECT_EQ(call().method, "DELETE");
  EXPECT_EQ(call().body,
            R"({"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,)"
            R"("propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"5"}})");
}

TEST_F(ApiTest, RefusalsAreRead) {
  const auto status =
      refusal(answer(422, R"({"kind":"Status","status":"Failure","message":"m","reason":"Invalid",
      "details":{"name":"a","group":"g","kind":"Pod","uid":"u","retryAfterSeconds":3,
                 "causes":[{"reason":"FieldValueInvalid","message":"w","field":"spec.x"}, 7]},"code":422})"));
  EXPECT_EQ(status, (kube::Status{.code = 422,
                                  .reason = "Invalid",
                                  .message = "m",
                                  .name = "a",
                                  .group = "g",
                                  .kind = "Pod",
                                  .uid = "u",
                                  .causes = {{"FieldValueInvalid", "w", "spec.x"}},
                                  .retry_after_seconds = 3}));
}

TEST_F(ApiTest, RefusalsOfOthers) {
  EXPECT_EQ(refusal(answer(404, "404 page\n not\x01\xff found")),
            (kube::Status{.code = 404, .reason = "NotFound", .message = "404 page not ? found"}));
  EXPECT_EQ(refusal(answer(502, "")),
            (kube::Status{
                .code = 502, .reason = "Unknown", .message = "the server answered 502 and gave no reason"}));
  EXPECT_EQ(refusal(answer(302, R"({"kind":"Pod"})")).code, 302);
  EXPECT_EQ(refusal(answer(409, R"({"kind":"Status","code":"x","details":[]})")).reason, "Conflict");
  EXPECT_LT(refusal(answer(500, std::string(1 << 20, 'x'))).message.size(), 2000U);
}

TEST_F(ApiTest, NoAnswer) {
  EXPECT_THAT(refusal(unreachable()).message, HasSubstr("Connection refused"));
  EXPECT_EQ(refusal(unreachable()).code, 0);
  EXPECT_EQ(refusal(answer(200, "[]")).code, 0);
  EXPECT_EQ(refusal(answer(200, "{")).code, 0);
  EXPECT_EQ(refusal(answer(200, std::string(100'000, '['))).code, 0);
  EXPECT_EQ(refusal({.acts = {bytes("{"), cut()}}).code, 0);
  const auto unknown = run(api_.get({.resource = "gadgets.example.com", .name = "a"}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, 404);
}

TEST_F(ApiTest, SendsAgainWhenAsked) {
  server_.then(answer(429, "", {{"retry-after", "2"}}))
      .then(answer(503, "", {{"Retry-After", "3600"}}))
      .then(answer(504, "", {{"Retry-After", "0"}}))
      .then(answer(200, "{}"));
  EXPECT_TRUE(run(api_.create({.resource = "nodes"}, {{"x", 1}})));
  EXPECT_THAT(clock_.slept, ElementsAre(2s, 10s, 0s));
  ASSERT_EQ(server_.calls.size(), 4U);
  EXPECT_EQ(call().body, R"({"x":1})");
}

TEST_F(ApiTest, DoesNotAskForEver) {
  for (int i = 0; i < 9; ++i) server_.then(answer(429, "busy", {{"Retry-After", "1"}}));
  const auto last = run(api_.get({.resource = "nodes", .name = "n"}));
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, 429);
  EXPECT_EQ(server_.calls.size(), 5U);
}

TEST_F(ApiTest, DoesNotSendAgainUnasked) {
  EXPECT_EQ(refusal(answer(503, "")).code, 503);
  EXPECT_EQ(refusal(answer(429, "", {{"Retry-After", "soon"}})).code, 429);
  EXPECT_EQ(refusal(answer(500, "", {{"Retry-After", "1"}})).code, 500);
  EXPECT_THAT(clock_.slept, IsEmpty());
}

}  // namespace
}  // namespace podwire::client
