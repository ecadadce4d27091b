#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "kube/json.h"
#include "pki/certificate.h"
#include "server/auth/authenticator.h"
#include "server/auth/pki.h"
#include "server/auth/rbac.h"

namespace podwire::server {
namespace {

using namespace pki;

class PkiTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/pki-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  Result<Pki> open(std::vector<std::string> names = {"localhost"}, std::chrono::days later = {}) {
    return open_pki(dir_ + "/pki", {*IpAddr::parse("127.0.0.1"), *IpAddr::parse("::1")}, names, kNow + later);
  }
  static constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'763'899'200)};
  std::string dir_;
};

TEST_F(PkiTest, IsMadeOnceAndReadAgain) {
  const auto first = open();
  ASSERT_TRUE(first.has_value()) << first.error().message();
  const auto second = open();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(first->ca, second->ca);
  EXPECT_EQ(first->server, second->server);
  struct stat s{};
  ASSERT_EQ(::stat((dir_ + "/pki/ca.key").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat((dir_ + "/pki").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0700U);
  const auto server = certificate_from_pem(first->server);
  const auto ca = certificate_from_pem(first->ca);
  EXPECT_EQ(X509_verify(server->get(), X509_get0_pubkey(ca->get())), 1);
  EXPECT_TRUE(is_for(server->get(), "IP:::1"));
  EXPECT_TRUE(is_for(server->get(), "DNS:localhost"));
  EXPECT_FALSE(is_for(server->get(), "IP:10.0.0.1"));
}

TEST_F(PkiTest, LeavesAreRenewedAndTheCaStays) {
  const auto first = open();
  const auto named = open({"localhost", "kubernetes"});
  ASSERT_TRUE(first && named);
  EXPECT_NE(first->server, named->server);
  EXPECT_EQ(first->admin, named->admin);
  const auto later = open({"localhost"}, std::chrono::days(340));
  ASSERT_TRUE(later.has_value());
  EXPECT_NE(later->admin, first->admin);
  EXPECT_EQ(later->ca, first->ca);
}

TEST_F(PkiTest, ErrorsNameTheFile) {
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(write_file_atomic(dir_ + "/pki/server.crt", "garbage").has_value());
  EXPECT_NE(open().error().message().find("server.crt"), std::string::npos) << open().error().message();
  ASSERT_TRUE(remove_file(dir_ + "/pki/server.crt").has_value());
  EXPECT_NE(open().error().message().find("server.crt"), std::string::npos);
  EXPECT_NE(open({"localhost"}, std::chrono::days(4000)).error().message().size(), 0U);
}

TEST_F(PkiTest, ACaIsNotMadeAnewFromHalfOfIt) {
  ASSERT_TRUE(open().has_value());
  for (const char* half : {"ca.crt", "ca.key"}) {
    const auto path = dir_ + "/pki/" + half;
    const auto text = *read_file(path);
    ASSERT_TRUE(remove_file(path).has_value());
    const auto refused = open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("a new CA would be trusted by no client"), std::string::npos);
    EXPECT_FALSE(file_exists(path));
    ASSERT_TRUE(write_file_atomic(path, text, 0600).has_value());
  }
  EXPECT_TRUE(open().has_value());
}

TEST(TokenFile, IsRead) {
  const auto file = TokenFile::parse("# comment\nabc,alice,7,\"dev,ops\"\ndef,bob\n");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->size(), 2U);
  ASSERT_NE(file->find("abc"), nullptr);
  EXPECT_EQ(file->find("abc")->groups, (std::vector<std::string>{"dev", "ops"}));
  EXPECT_EQ(file->find("ab"), nullptr);
  EXPECT_EQ(file->find(""), nullptr);
  EXPECT_NE(TokenFile::parse("x,y\nz\n").error().message().find("line 2"), std::string::npos);
  EXPECT_FALSE(TokenFile::parse("a,\"b\n").has_value());
  EXPECT_FALSE(TokenFile::parse(",b\n").has_value());
}

TEST(Authenticator, ByCertificateOrToken) {
  const Authenticator a(*TokenFile::parse("abc,alice,7,dev"));
  const pki::Subject admin{"kubernetes-admin", {"system:masters"}};
  EXPECT_EQ(a.authenticate(&admin, "")->groups,
            (std::vector<std::string>{"system:masters", "system:authenticated"}));
  EXPECT_EQ(a.authenticate(nullptr, "Bearer abc")->name, "alice");
  EXPECT_EQ(a.authenticate(nullptr, "bearer abc")->name, "alice");
  for (const char* header : {"", "Bearer x", "abc", "Basic abc", "Bearer "})
    EXPECT_EQ(a.authenticate(nullptr, header).error().code, 401) << header;
}

class RbacTest : public testing::Test {
 protected:
  void put(std::string_view plural, std::string_view text) {
    rbac_.put(plural, json::parse(text).as_object());
  }
  [[nodiscard]] bool may(const User& user, std::string_view verb, std::string_view resource,
                         std::string_view ns, std::string_view name = {},
                         std::string_view subresource = {}) const {
    return rbac_.allows({.user = user,
                         .verb = verb,
                         .group = "",
                         .resource = resource,
                         .subresource = subresource,
                         .ns = ns,
                         .name = name,
                         .path = {}});
  }
  Rbac rbac_;
  User alice_{.name = "alice", .uid = "", .groups = {"dev"}};
  User account_{.name = "system:serviceaccount:shop:web", .uid = "", .groups = {"system:serviceaccounts"}};
};

TEST_F(RbacTest, NothingByDefaultAndMastersEverything) {
  EXPECT_FALSE(may(alice_, "get", "pods", "a"));
  EXPECT_TRUE(may({.name = "x", .uid = "", .groups = {"system:masters"}}, "delete", "nodes", ""));
}

TEST_F(RbacTest, ARoleHoldsInItsNamespace) {
  put("roles",
      R"({"metadata":{"name":"r","namespace":"shop"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods","pods/log"],"resourceNames":[]}]})");
  put("rolebindings",
      R"({"metadata":{"name":"b","namespace":"shop"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"web"}]})");
  EXPECT_TRUE(may(account_, "get", "pods", "shop"));
  EXPECT_EQ(
      rbac_.decide({.user = account_, .verb = "get", .group = "", .resource = "pods", .ns = "shop"}).reason,
      R"(RBAC: allowed by RoleBinding "b/shop" of Role "r" to ServiceAccount "web/shop")");
  EXPECT_TRUE(may(account_, "get", "pods", "shop", "a", "log"));
  EXPECT_FALSE(may(account_, "get", "pods", "shop", "a", "exec"));
  EXPECT_FALSE(may(account_, "list", "pods", "shop"));
  EXPECT_FALSE(may(account_, "get", "pods", "other"));
  EXPECT_FALSE(may(alice_, "get", "pods", "shop"));
  rbac_.erase("rolebindings", "shop", "b");
  EXPECT_FALSE(may(account_, "get", "pods", "shop"));
}

TEST_F(RbacTest, AClusterRoleHoldsEverywhereOrWhereItIsBound) {
  put("clusterroles",
      R"({"metadata":{"name":"r"},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]})");
  put("rolebindings",
      R"({"metadata":{"name":"b","namespace":"shop"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Group","name":"dev"}]})");
  EXPECT_TRUE(may(alice_, "delete", "pods", "shop"));
  EXPECT_FALSE(may(alice_, "delete", "pods", "other"));
  EXPECT_FALSE(may(alice_, "delete", "nodes", ""));
  put("clusterrolebindings",
      R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"alice"}]})");
  EXPECT_TRUE(may(alice_, "delete", "nodes", ""));
}

TEST_F(RbacTest, NamesNarrow) {
  put("clusterroles",
      R"({"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["one"]}]})");
  put("clusterrolebindings",
      R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"alice"}]})");
  EXPECT_TRUE(may(alice_, "get", "configmaps", "a", "one"));
  EXPECT_FALSE(may(alice_, "get", "configmaps", "a", "two"));
  EXPECT_FALSE(may(alice_, "get", "configmaps", "a"));
}

TEST_F(RbacTest, EverybodyKnownMayDiscover) {
  for (const auto& object : bootstrap_policy())
    rbac_.put(kube::text_in(object, "kind") == "ClusterRole" ? "clusterroles" : "clusterrolebindings",
              object);
  const User known{.name = "x", .uid = "", .groups = {"system:authenticated"}};
  const auto path = [&](std::string_view p) {
    return rbac_.allows({.user = known,
                         .verb = "get",
                         .group = {},
                         .resource = {},
                         .subresource = {},
                         .ns = {},
                         .name = {},
                         .path = p});
  };
  EXPECT_TRUE(path("/apis/apps/v1"));
  EXPECT_TRUE(path("/version"));
  EXPECT_FALSE(path("/metrics"));
  EXPECT_FALSE(may(known, "get", "pods", "default"));
}

TEST(Denial, InKubernetesWords) {
  const User bob{.name = "bob", .uid = "", .groups = {}};
  Attributes a{.user = bob,
               .verb = "list",
               .group = "apps",
               .resource = "deployments",
               .subresource = {},
               .ns = "default",
               .name = {},
               .path = {}};
  EXPECT_EQ(
      denial(a),
      R"(User "bob" cannot list resource "deployments" in API group "apps" in the namespace "default")");
  a.ns = {};
  EXPECT_EQ(denial(a),
            R"(User "bob" cannot list resource "deployments" in API group "apps" at the cluster scope)");
}

}  // namespace
}  // namespace podwire::server
