#include "server/node_join.h"

#include <boost/json/serialize.hpp>
#include <filesystem>

#include "base/base64.h"
#include "base/file.h"
#include "pki/key.h"
#include "pki/signing_request.h"
#include "server/registry_testing.h"

namespace podwire::server {
namespace {

const std::string kPassword(40, 'p');

class NodeJoinTest : public RegistryTest {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/join-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    auto made = open_pki(dir_ + "/pki", {*IpAddr::parse("192.0.2.1")}, {"localhost"}, now_);
    ASSERT_TRUE(made.has_value());
    pki_ = std::move(*made);
    auto token = open_node_token(dir_, pki_.ca, "");
    ASSERT_TRUE(token.has_value());
    token_ = std::move(*token);
    join_.emplace(*registry_, pki_, token_, node_config(options_));
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  static std::string request(const pki::Subject& subject) {
    return *pki::make_signing_request(subject, pki::make_key()->get());
  }
  static std::string node(const std::string& name) {
    return request({"system:node:" + name, {"system:nodes"}});
  }
  /// From a machine of its own, under these addresses.
  Reply post_from(const std::string& peer, const std::string& body, const std::string& addresses) {
    http::Request r{.method = "POST", .body = body, .peer = {.address = peer}};
    r.target.segments = {"v1-podwire", "node-certificate"};
    r.headers = {{"authorization", "Basic " + base64_encode("node:" + token_.secret)},
                 {"podwire-node-password", kPassword},
                 {"podwire-node-addresses", addresses}};
    return wait(join_->answer(r));
  }
  Reply post(const std::string& body, const std::string& password = kPassword, std::string secret = {}) {
    if (secret.empty()) secret = token_.secret;
    http::Request r{.method = "POST", .body = body};
    r.target.segments = {"v1-podwire", "node-certificate"};
    r.headers = {{"authorization", "Basic " + base64_encode("node:" + secret)},
                 {"podwire-node-password", password}};
    EXPECT_TRUE(NodeJoin::is_for(r));
    return wait(join_->answer(r));
  }

  std::string dir_;
  Pki pki_;
  pki::JoinToken token_;
  std::optional<NodeJoin> join_;
};

TEST_F(NodeJoinTest, EverybodyMayReadTheCa) {
  http::Request r{.method = "GET"};
  r.target.segments = {"cacerts"};
  ASSERT_TRUE(NodeJoin::is_for(r));
  const auto reply = wait(join_->answer(r));
  EXPECT_EQ(reply.body, pki_.ca);
  EXPECT_TRUE(token_.is_of(reply.body));
  r.method = "PUT";
  EXPECT_EQ(wait(join_->answer(r)).code, 405);
}

TEST_F(NodeJoinTest, ANodeGetsItsCertificate) {
  const std::string name(100, 'n');
  const auto reply = post(node(name));
  ASSERT_EQ(reply.code, 201) << reply.body;
  const auto certificate = pki::certificate_from_pem(reply.body), ca = pki::certificate_from_pem(pki_.ca);
  ASSERT_TRUE(certificate && ca);
  EXPECT_EQ(pki::subject_of(X509_get_subject_name(certificate->get())),
            (pki::Subject{"system:node:" + name, {"system:nodes"}}));
  EXPECT_EQ(X509_verify(certificate->get(), X509_get0_pubkey(ca->get())), 1);
  EXPECT_TRUE(pki::lasts(certificate->get(), now_ + std::chrono::days(364)));
  EXPECT_FALSE(pki::lasts(certificate->get(), now_ + std::chrono::days(366)));
  EXPECT_EQ(X509_get_extension_flags(certificate->get()) & EXFLAG_CA, 0U);
}

TEST_F(NodeJoinTest, TheCertificateIsForTheNodesOwnServerToo) {
  const auto reply = post_from("192.0.2.7", node("n1"), "192.0.2.7,2001:db8::7");
  ASSERT_EQ(reply.code, 201) << reply.body;
  const auto certificate = pki::certificate_from_pem(reply.body);
  ASSERT_TRUE(certificate.has_value());
  for (const auto* name : {"DNS:n1", "IP:192.0.2.7", "IP:2001:db8::7"})
    EXPECT_TRUE(pki::is_for(certificate->get(), name)) << name;
  EXPECT_FALSE(pki::is_for(certificate->get(), "IP:192.0.2.8"));
  EXPECT_EQ(X509_check_purpose(certificate->get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(certificate->get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(post_from("192.0.2.7", node("n1"), "nonsense").code, 400);
}

TEST_F(NodeJoinTest, NobodyElseIsMadeTheServer) {
  EXPECT_EQ(post_from("192.0.2.7", node("n1"), "192.0.2.1").code, 403);
  EXPECT_EQ(post_from("192.0.2.1", node("n1"), "192.0.2.1").code, 201) << "the server's own machine";
  EXPECT_EQ(post_from("192.0.2.1", node("localhost"), "").code, 403);
}

TEST_F(NodeJoinTest, TheConfigIsForThoseWithTheSecret) {
  http::Request r{.method = "GET"};
  r.target.segments = {"v1-podwire", "config"};
  EXPECT_EQ(wait(join_->answer(r)).code, 401);
  r.headers = {{"Authorization", "Basic " + base64_encode("node:" + token_.secret)}};
  EXPECT_EQ(wait(join_->answer(r)).body,
            R"({"clusterCIDRs":["10.244.0.0/16"],"serviceCIDRs":["10.96.0.0/12"],)"
            R"("clusterDNS":["10.96.0.10"],"clusterDomain":"cluster.local"})");
}

TEST_F(NodeJoinTest, OtherSubjectsAreRefused) {
  for (const auto& subject :
       {pki::Subject{"kubernetes-admin", {"system:masters"}}, pki::Subject{"system:node:n1", {}},
        pki::Subject{"system:node:n1", {"system:nodes", "system:masters"}},
        pki::Subject{"system:node:n1", {"system:masters"}}, pki::Subject{"n1", {"system:nodes"}}})
    EXPECT_EQ(post(request(subject)).code, 403) << subject.common_name;
  EXPECT_EQ(post(node("N_1")).code, 400);
  EXPECT_EQ(post(node("")).code, 400);
  EXPECT_EQ(post("nonsense").code, 400);
  EXPECT_EQ(post(node("n1"), "short").code, 400);
}

TEST_F(NodeJoinTest, TheSecretMustBeRight) {
  EXPECT_EQ(post(node("n1"), kPassword, "0123456789abcdef").code, 401);
  http::Request r{.method = "POST", .body = node("n1")};
  r.target.segments = {"v1-podwire", "node-certificate"};
  EXPECT_EQ(wait(join_->answer(r)).code, 401);
  r.headers = {{"Authorization", "Bearer " + token_.secret}};
  EXPECT_EQ(wait(join_->answer(r)).code, 401);
}

TEST_F(NodeJoinTest, ANameBelongsToWhoHadItFirst) {
  ASSERT_EQ(post(node("n1")).code, 201);
  EXPECT_EQ(post(node("n1")).code, 201);
  const auto refused = post(node("n1"), std::string(40, 'q'));
  EXPECT_EQ(refused.code, 403);
  EXPECT_NE(refused.body.find("delete the Secret kube-system/n1.node-password.podwire"), std::string::npos)
      << refused.body;
  const auto secret = get("Secret", "n1.node-password.podwire", "kube-system");
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(json::serialize(*secret).find(base64_encode(kPassword).substr(0, 30)), std::string::npos);
  ASSERT_TRUE(wait(registry_->remove(resource("Secret"), {"kube-system", "n1.node-password.podwire"}, {}))
                  .has_value());
  EXPECT_EQ(post(node("n1"), std::string(40, 'q')).code, 201);
}

TEST_F(NodeJoinTest, TheTokenIsKeptOrGiven) {
  EXPECT_EQ(*open_node_token(dir_, pki_.ca, ""), token_);
  EXPECT_EQ(*read_file(dir_ + "/node-token"), token_.str() + "\n");
  EXPECT_EQ(open_node_token(dir_, pki_.ca, "a-secret-of-my-own")->secret, "a-secret-of-my-own");
  EXPECT_EQ(open_node_token(dir_, pki_.ca, "")->secret, "a-secret-of-my-own");
  EXPECT_EQ(*open_node_token(dir_, pki_.ca, token_.str()), token_);
  EXPECT_FALSE(open_node_token(dir_, "another CA", token_.str()).has_value());
  EXPECT_FALSE(open_node_token(dir_, pki_.ca, "short").has_value());
  ASSERT_TRUE(write_file_atomic(dir_ + "/node-token", "nonsense").has_value());
  EXPECT_NE(open_node_token(dir_, pki_.ca, "").error().message().find("node-token"), std::string::npos);
}

}  // namespace
}  // namespace podwire::server
