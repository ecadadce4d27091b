#include "client/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "client/in_cluster.h"
#include "client/yaml_reader.h"

namespace podwire::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string yaml(std::string_view text) {
  const auto value = json_from_yaml(text);
  return value ? json::serialize(*value) : value.error().message();
}

TEST(Yaml, Values) {
  EXPECT_EQ(yaml("a: 1\nb: [x, 'y', \"1\", -2, 1.5, true, null, ~, '']\nc:\n- d: |\n    two\n    lines\n"),
            R"({"a":1,"b":["x","y","1",-2,1.5E0,true,null,null,""],"c":[{"d":"two\nlines\n"}]})");
  EXPECT_EQ(yaml(R"({"json": {"is": ["yaml", 0]}})"), R"({"json":{"is":["yaml",0]}})");
  EXPECT_EQ(yaml("a: &x {k: v}\nb: *x\n"), R"({"a":{"k":"v"},"b":{"k":"v"}})");
  EXPECT_EQ(yaml("on: yes\nv: 1.2.3\nd: 2026-01-01\n"), R"({"on":"yes","v":"1.2.3","d":"2026-01-01"})");
  EXPECT_EQ(yaml(""), "null");
}

TEST(Yaml, Refusals) {
  EXPECT_THAT(yaml("a: 1\na: 2\n"), AllOf(HasSubstr("line 2"), HasSubstr("stands twice")));
  EXPECT_THAT(yaml("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(yaml("a: [1, 2\nb: 3\n"), HasSubstr("line"));
  EXPECT_THAT(yaml("a: *b\n"), HasSubstr("alias of nothing"));
  EXPECT_THAT(yaml("a: &x [*x]\n"), HasSubstr("alias of nothing"));
  EXPECT_THAT(yaml("{[a]: b}"), HasSubstr("a key is text"));
  EXPECT_THAT(yaml(std::string(1000, '[')), HasSubstr("too deep"));
  EXPECT_THAT(yaml(std::string(2 << 20, ' ')), HasSubstr("larger"));
}

TEST(Yaml, ABillionLaughs) {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(yaml(text), HasSubstr("more values"));
}

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = testing::TempDir() + "podwire-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~Files() override { std::filesystem::remove_all(directory_); }
  std::string put(const std::string& name, std::string_view text) {
    EXPECT_TRUE(write_file_atomic(directory_ + "/" + name, text, 0600, Durability::until_reboot));
    return directory_ + "/" + name;
  }
  std::string directory_;
};

using KubeconfigTest = Files;

constexpr std::string_view kTwoContexts = R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster:
    server: https://192.0.2.1:6443
    certificate-authority-data: Q0E=
    tls-server-name: kubernetes
- name: c2
  cluster: {server: "https://[2001:db8::1]:6443", insecure-skip-tls-verify: true}
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: n}}
- {name: two, context: {cluster: c2, user: u2}}
users:
- name: u1
  user:
    client-certificate-data: |
      Q0VS
      VA==
    client-key: key.pem
- name: u2
  user: {tokenFile: token}
)";

TEST_F(KubeconfigTest, CurrentContext) {
  put("key.pem", "KEY");
  const auto got = read_kubeconfig(put("config", kTwoContexts));
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->url, "https://192.0.2.1:6443");
  EXPECT_EQ(got->ca, "CA");
  EXPECT_EQ(got->certificate, "CERT");
  EXPECT_EQ(got->key, "KEY");
  EXPECT_EQ(got->server_name, "kubernetes");
  EXPECT_EQ(got->namespace_, "n");
  EXPECT_TRUE(got->verify);
}

TEST_F(KubeconfigTest, TokenFilesAreReadAgain) {
  const auto got = read_kubeconfig(put("config", kTwoContexts), "two");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_FALSE(got->verify);
  const auto options = tls_options(*got);
  EXPECT_FALSE(options.verify);
  EXPECT_FALSE(options.token()) << "no file yet";
  put("token", "first\n");
  EXPECT_EQ(options.token().value_or(""), "first");
  put("token", "second");
  EXPECT_EQ(options.token().value_or(""), "second");
  put("token", "a\r\nInjected: header");
  EXPECT_FALSE(options.token());
}

struct Case {
  const char* from;
  const char* to;
  const char* said;
};
class BadKubeconfig : public Files, public testing::WithParamInterface<Case> {};

TEST_P(BadKubeconfig, IsRefusedByItsFieldsName) {
  put("key.pem", "KEY");
  std::string text(kTwoContexts);
  const std::string_view from = GetParam().from;
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, from.size(), GetParam().to);
  const auto path = put("config", text);
  const auto got = read_kubeconfig(path);
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message(), AllOf(HasSubstr(path), HasSubstr(GetParam().said)));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadKubeconfig,
    testing::Values(Case{"one\n", "none\n", "contexts: none has the name \"none\""},
                    Case{"current-context: one\n", "", "current-context: is missing"},
                    Case{"cluster: c1", "cluster: c9", "clusters: none has the name"},
                    Case{"user: u1", "user: u9", "users: none has the name"},
                    Case{"user: u1", "user: 5", "contexts[0].context.user: text"},
                    Case{"Q0E=", "Q0E", "clusters[0].cluster.certificate-authority-data: not base64"},
                    Case{"key.pem", "gone.pem", "users[0].user.client-key: "},
                    Case{"    client-key: key.pem\n", "", "users[0].user.client-key: a client certificate"},
                    Case{"client-key: key.pem", "exec: {command: x}", "users[0].user.exec: not supported"},
                    Case{"client-key: key.pem", "auth-provider: {name: x}", "auth-provider: not supported"},
                    Case{"server: https://192.0.2.1:6443", "server:", "clusters[0].cluster.server: "},
                    Case{"tls-server-name: kubernetes", "insecure-skip-tls-verify: true", "cannot be with"},
                    Case{"apiVersion: v1", "[", "line"}));

TEST_F(KubeconfigTest, NoFile) {
  const auto got = read_kubeconfig(directory_ + "/none");
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message(), HasSubstr("/none"));
}

class InClusterTest : public Files {
 protected:
  static std::string ipv6(const char* name) {
    return std::string_view(name) == "KUBERNETES_SERVICE_HOST" ? "fd00::1" : "443";
  }
};

TEST_F(InClusterTest, ReadsWhatThePodWasGiven) {
  put("ca.crt", "CA");
  put("token", "t1\n");
  put("namespace", "n");
  const auto got = in_cluster({.directory = directory_, .environment = ipv6});
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->url, "https://[fd00::1]:443");
  EXPECT_EQ(got->ca, "CA");
  EXPECT_EQ(got->namespace_, "n");
  const auto options = tls_options(*got);
  EXPECT_EQ(options.token().value_or(""), "t1");
  put("token", "t2");
  EXPECT_EQ(options.token().value_or(""), "t2");
}

TEST_F(InClusterTest, SaysWhatIsMissing) {
  const auto no_pod =
      in_cluster({.directory = directory_, .environment = [](const char*) { return std::string(); }});
  ASSERT_FALSE(no_pod);
  EXPECT_THAT(no_pod.error().message(), HasSubstr("KUBERNETES_SERVICE_HOST"));
  const InCluster from{.directory = directory_, .environment = ipv6};
  EXPECT_THAT(in_cluster(from).error().message(), HasSubstr("ca.crt"));
  put("ca.crt", "CA");
  put("token", "\n");
  EXPECT_THAT(in_cluster(from).error().message(), HasSubstr("the file is empty"));
}

}  // namespace
}  // namespace podwire::client
