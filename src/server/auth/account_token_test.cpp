#include "server/auth/account_token.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/base64.h"
#include "pki/key.h"
#include "server/auth/authenticator.h"
#include "server/auth/jwt.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds kNow{1'763'899'200s};
const std::vector<std::string> kApi{std::string(kIssuer)};

AccountClaims claims() {
  return {.ns = "shop",
          .account = {"web", "u-1"},
          .pod = AccountClaims::Reference{"web-0", "u-2"},
          .secret = std::nullopt,
          .node = AccountClaims::Reference{"n1", "u-3"},
          .audiences = {std::string(kIssuer), "vault"},
          .issued = kNow,
          .not_before = kNow,
          .expires = kNow + 1h,
          .id = "one"};
}

std::vector<std::string> parts_of(const std::string& token) {
  const auto first = token.find('.'), second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

class AccountTokenTest : public testing::Test {
 protected:
  void SetUp() override {
    tokens_.emplace(*AccountTokens::of_key(*pki::make_key()));
    token_ = *tokens_->issue(claims());
    put("serviceaccounts", "shop", "web", "u-1");
    put("pods", "shop", "web-0", "u-2");
  }
  void put(const std::string& resource, const std::string& ns, const std::string& name,
           const std::string& uid) {
    objects_[resource + "/" + ns + "/" + name] = {{"metadata", {{"name", name}, {"uid", uid}}}};
  }
  [[nodiscard]] AccountAuthenticator authenticator() {
    return {*tokens_,
            [this](std::string_view resource, std::string_view ns,
                   std::string_view name) -> std::optional<json::object> {
              const auto at =
                  objects_.find(std::string(resource) + "/" + std::string(ns) + "/" + std::string(name));
              return at == objects_.end() ? std::nullopt : std::optional(at->second);
            },
            [this] { return now_; }};
  }
  std::optional<AccountTokens> tokens_;
  std::string token_;
  std::map<std::string, json::object> objects_;
  std::chrono::sys_seconds now_ = kNow;
};

TEST_F(AccountTokenTest, SaysWhatKubernetesSays) {
  const auto parts = parts_of(token_);
  const auto header = json::parse(*base64url_decode(parts[0])).as_object();
  EXPECT_EQ(header.at("alg"), "ES256");
  EXPECT_EQ(json::parse(*base64url_decode(parts[1])),
            json::parse(R"({"iss":"https://kubernetes.default.svc.cluster.local",
              "sub":"system:serviceaccount:shop:web",
              "aud":["https://kubernetes.default.svc.cluster.local","vault"],
              "iat":1763899200,"nbf":1763899200,"exp":1763902800,"jti":"one",
              "kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"web","uid":"u-1"},
                "pod":{"name":"web-0","uid":"u-2"},"node":{"name":"n1","uid":"u-3"}}})"));
  EXPECT_EQ(*tokens_->read(token_, kApi, kNow), claims());
}

TEST_F(AccountTokenTest, TimesAndAudiencesCount) {
  EXPECT_TRUE(tokens_->read(token_, {"vault"}, kNow + 59min).has_value());
  EXPECT_FALSE(tokens_->read(token_, kApi, kNow + 1h).has_value());
  EXPECT_FALSE(tokens_->read(token_, kApi, kNow - 1s).has_value());
  EXPECT_FALSE(tokens_->read(token_, {"other"}, kNow).has_value());
  EXPECT_FALSE(tokens_->read(token_, {}, kNow).has_value());
}

TEST_F(AccountTokenTest, OtherKeysAndAlgorithmsAreRefused) {
  const auto other = *AccountTokens::of_key(*pki::make_key());
  EXPECT_FALSE(tokens_->read(*other.issue(claims()), kApi, kNow).has_value());
  const auto parts = parts_of(token_);
  for (const auto* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"es256"})", R"({})",
                             R"({"alg":"ES256","crit":["exp"]})"}) {
    const auto changed = base64url_encode(header) + "." + parts[1];
    EXPECT_FALSE(tokens_->read(changed + ".", kApi, kNow).has_value()) << header;
    EXPECT_FALSE(tokens_->read(changed + "." + parts[2], kApi, kNow).has_value()) << header;
  }
  // The public key as the secret of an HMAC: what fools who lets the token choose.
  const auto key = *pki::make_key();
  const auto mine = *AccountTokens::of_key(pki::PrivateKey(EVP_PKEY_dup(key.get())));
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  const auto text = base64url_encode(R"({"alg":"HS256"})") + "." + parts[1];
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), der, size, reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac,
       &length);
  OPENSSL_free(der);
  EXPECT_FALSE(mine.read(text + "." + base64url_encode({reinterpret_cast<char*>(mac), length}), kApi, kNow)
                   .has_value());
}

TEST_F(AccountTokenTest, AChangedTokenIsRefused) {
  for (std::size_t i = 0; i < token_.size(); i += 7) {
    auto changed = token_;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed != token_) {
      EXPECT_FALSE(tokens_->read(changed, kApi, kNow).has_value()) << i;
    }
  }
  for (const auto& bad : {std::string(), std::string(".."), token_ + ".", token_ + "=", "." + token_,
                          token_.substr(0, token_.rfind('.')), std::string(kLargestToken + 1, 'a')})
    EXPECT_FALSE(tokens_->read(bad, kApi, kNow).has_value()) << bad.substr(0, 99);
}

TEST_F(AccountTokenTest, ClaimsThatDoNotFitAreRefused) {
  const auto good = to_json(claims());
  EXPECT_TRUE(account_claims(good).has_value());
  for (const char* key : {"iss", "sub", "iat", "nbf", "exp", "kubernetes.io"}) {
    auto bad = good;
    bad.erase(key);
    EXPECT_FALSE(account_claims(bad).has_value()) << key;
    bad[key] = "system:serviceaccount:kube-system:admin";
    EXPECT_FALSE(account_claims(bad).has_value()) << key;
  }
  auto huge = good;
  huge["exp"] = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(account_claims(huge).has_value());
}

TEST_F(AccountTokenTest, TheUserIsTheServiceAccount) {
  const auto identity = authenticator().identify(token_, {"vault", "other"});
  ASSERT_TRUE(identity.has_value()) << identity.error().message();
  EXPECT_EQ(identity->audiences, std::vector<std::string>{"vault"});
  const auto& user = identity->user;
  EXPECT_EQ(user.name, "system:serviceaccount:shop:web");
  EXPECT_EQ(user.uid, "u-1");
  EXPECT_EQ(user.groups, (std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:shop",
                                                   "system:authenticated"}));
  EXPECT_EQ(user.extra.at("authentication.kubernetes.io/pod-name"), std::vector<std::string>{"web-0"});
  EXPECT_EQ(user.extra.at("authentication.kubernetes.io/pod-uid"), std::vector<std::string>{"u-2"});
  EXPECT_EQ(user.extra.at("authentication.kubernetes.io/node-name"), std::vector<std::string>{"n1"});
  EXPECT_EQ(user.extra.at("authentication.kubernetes.io/node-uid"), std::vector<std::string>{"u-3"});
  EXPECT_EQ(user.extra.at("authentication.kubernetes.io/credential-id"), std::vector<std::string>{"JTI=one"});
}

TEST_F(AccountTokenTest, ItEndsWithItsObjects) {
  put("pods", "shop", "web-0", "another");
  EXPECT_FALSE(authenticator().identify(token_, kApi).has_value());
  put("pods", "shop", "web-0", "u-2");
  EXPECT_TRUE(authenticator().identify(token_, kApi).has_value());
  objects_.at("serviceaccounts/shop/web").at("metadata").as_object()["deletionTimestamp"] =
      "2025-11-23T12:00:00Z";  // now
  EXPECT_TRUE(authenticator().identify(token_, kApi).has_value());
  now_ += 60s;
  EXPECT_FALSE(authenticator().identify(token_, kApi).has_value());
  now_ = kNow;
  objects_.erase("serviceaccounts/shop/web");
  EXPECT_FALSE(authenticator().identify(token_, kApi).has_value());
}

TEST_F(AccountTokenTest, BearersAreKnown) {
  const Authenticator a(*TokenFile::parse("abc,alice"), authenticator());
  EXPECT_EQ(a.authenticate(nullptr, "Bearer " + token_)->name, "system:serviceaccount:shop:web");
  EXPECT_EQ(a.authenticate(nullptr, "Bearer abc")->name, "alice");
  EXPECT_EQ(a.authenticate(nullptr, "Bearer a.b.c").error().code, 401);
  EXPECT_FALSE(a.identify("abc", {"vault"}).has_value());
  EXPECT_EQ(a.identify("abc", kApi)->user.name, "alice");
}

TEST(AccountTokens, TheKeyIsKept) {
  std::string dir = testing::TempDir() + "/key-XXXXXX";
  ASSERT_NE(::mkdtemp(dir.data()), nullptr);
  const auto first = AccountTokens::open(dir), second = AccountTokens::open(dir);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(second->read(*first->issue(claims()), kApi, kNow).has_value());
  struct stat s{};
  ASSERT_EQ(::stat((dir + "/service-account.key").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600U);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace podwire::server
