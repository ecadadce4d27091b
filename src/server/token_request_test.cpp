#include "server/token_request.h"

#include <boost/json/serialize.hpp>

#include "server/access_testing.h"
#include "server/token_review.h"

namespace podwire::server {
namespace {

class TokenRequestTest : public AccessTest {
 protected:
  kube::Answer<json::object> request(std::string_view spec, const std::string& account = "web") {
    json::object body;
    body["spec"] = json::parse(spec);
    if (!body.at("spec").as_object().contains("expirationSeconds"))
      body["spec"].as_object()["expirationSeconds"] = 3600;
    return answer_token_request(*access_, world_, {"default", account}, std::move(body));
  }
  std::string token(std::string_view spec) {
    return std::string(kube::text_in(*request(spec), "status", "token"));
  }
  std::string refusal(std::string_view spec) { return request(spec).error().message; }
  std::string whose(const std::string& token) {
    const auto user = access_->authenticator().authenticate(nullptr, "Bearer " + token);
    return user ? user->name : user.error().message;
  }
};

TEST_F(TokenRequestTest, GivesATokenThatIsKnownAgain) {
  const auto answer = request(R"({"expirationSeconds":600})");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(kube::text_in(*answer, "status", "expirationTimestamp"), "2025-11-23T12:10:00Z");
  EXPECT_EQ(whose(token("{}")), "system:serviceaccount:default:web");
  EXPECT_EQ(whose(token(R"({"audiences":["vault"]})")), "Unauthorized");
  now_ += std::chrono::hours(2);
  EXPECT_EQ(whose(std::string(kube::text_in(*answer, "status", "token"))), "Unauthorized");
}

TEST_F(TokenRequestTest, ATokenEndsWithWhatItIsBoundTo) {
  const auto bound = token(R"({"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"web-0"}})");
  const auto user = access_->authenticator().authenticate(nullptr, "Bearer " + bound);
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->extra.at("authentication.kubernetes.io/pod-name"), std::vector<std::string>{"web-0"});
  EXPECT_EQ(user->extra.at("authentication.kubernetes.io/node-name"), std::vector<std::string>{"n1"});
  ASSERT_TRUE(remove("Pod", "web-0", {.grace_seconds = 0}).has_value());
  EXPECT_EQ(whose(bound), "Unauthorized");
  const auto free = token("{}");
  ASSERT_TRUE(remove("ServiceAccount", "web").has_value());
  EXPECT_EQ(whose(free), "Unauthorized");
  ASSERT_TRUE(create("ServiceAccount", R"({"metadata":{"name":"web"}})").has_value());
  EXPECT_EQ(whose(free), "Unauthorized");  // another one, of the same name
}

TEST_F(TokenRequestTest, RefusalsAreKubernetesOwn) {
  EXPECT_EQ(
      refusal(R"({"expirationSeconds":599})"),
      R"(TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes)");
  EXPECT_NE(refusal(R"({"expirationSeconds":4294967297})").find("larger than 2^32 seconds"),
            std::string::npos);
  EXPECT_EQ(request("{}", "none").error().message, R"(serviceaccounts "none" not found)");
  EXPECT_EQ(refusal(R"({"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"none"}})"),
            R"(pods "none" not found)");
  EXPECT_EQ(refusal(R"({"boundObjectRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"}})"),
            "cannot bind token to object of type apps/v1, Kind=Deployment");
  EXPECT_EQ(
      request(R"({"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"web-0"}})", "default")
          .error()
          .message,
      R"(cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.)");
  const auto conflict =
      request(R"({"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"web-0","uid":"old"}})");
  EXPECT_EQ(conflict.error().code, 409);
}

TEST_F(TokenRequestTest, ReviewsTellTheTruth) {
  const auto review = [&](const json::object& spec) { return *review_token(*access_, spec); };
  const auto good = review({{"token", token("{}")}});
  EXPECT_TRUE(good.at("authenticated").as_bool());
  EXPECT_EQ(kube::text_in(good, "user", "username"), "system:serviceaccount:default:web");
  EXPECT_EQ(kube::text_in(good, "user", "uid"), uid_of("ServiceAccount", "web"));
  const auto vault = token(R"({"audiences":["vault"]})");
  EXPECT_FALSE(review({{"token", vault}}).at("authenticated").as_bool());
  json::array audiences;
  audiences.emplace_back("vault");
  audiences.emplace_back("other");
  const auto other = review({{"token", vault}, {"audiences", audiences}});
  EXPECT_TRUE(other.at("authenticated").as_bool());
  EXPECT_EQ(json::serialize(other.at("audiences")), R"(["vault"])");
  EXPECT_FALSE(review({{"token", "nonsense"}}).at("authenticated").as_bool());
  EXPECT_EQ(review_token(*access_, {}).error().code, 400);
}

TEST_F(TokenRequestTest, ANodeAsksForItsOwnPodsOnly) {
  const User node{.name = "system:node:n1", .groups = {"system:nodes"}};
  const auto check = access_->check_of(node, resource("ServiceAccount"), {"default", "web"}, "token");
  const auto body =
      json::parse(R"({"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"web-0","uid":")" +
                  uid_of("Pod", "web-0") + R"("}}})")
          .as_object();
  const json::object unbound;
  EXPECT_TRUE(check(nullptr, &body).has_value());
  EXPECT_EQ(check(nullptr, &unbound).error().code, 403);
  const User bob{.name = "bob"};
  EXPECT_FALSE(access_->check_of(bob, resource("ServiceAccount"), {"default", "web"}, "token"));
}

}  // namespace
}  // namespace podwire::server
