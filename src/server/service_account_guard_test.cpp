#include "server/service_account_guard.h"

#include <boost/json/serialize.hpp>

#include "server/registry_testing.h"

namespace podwire::server {
namespace {

using kube::text_in;

constexpr auto kPlace = "/var/run/secrets/kubernetes.io/serviceaccount";

class ServiceAccountGuardTest : public RegistryTest {
 protected:
  json::object pod(std::string_view text) {
    const auto made = create("Pod", text);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? parse_stored(*made->object) : json::object();
  }
  static const json::object& spec(const json::object& pod) { return pod.at("spec").as_object(); }
};

TEST_F(ServiceAccountGuardTest, APodRunsAsDefaultWithATokenInEachContainer) {
  const auto made = pod(R"({"metadata":{"name":"a"},"spec":{"initContainers":[{"name":"i","image":"x"}],
    "containers":[{"name":"c","image":"x"}]}})");
  EXPECT_EQ(text_in(made, "spec", "serviceAccountName"), "default");
  EXPECT_EQ(text_in(made, "spec", "serviceAccount"), "default");
  const auto& volumes = spec(made).at("volumes").as_array();
  ASSERT_EQ(volumes.size(), 1U);
  const auto name = text_in(volumes[0].as_object(), "name");
  EXPECT_EQ(name.size(), std::string_view("kube-api-access-").size() + 5);
  EXPECT_EQ(volumes[0].at("projected"), json::parse(R"({"defaultMode":420,"sources":[
    {"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
    {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
    {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}]})"));
  for (const auto* list : {"initContainers", "containers"}) {
    const auto& mounts = spec(made).at(list).at(0).at("volumeMounts").as_array();
    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(text_in(mounts[0].as_object(), "name"), name);
    EXPECT_EQ(text_in(mounts[0].as_object(), "mountPath"), kPlace);
    EXPECT_TRUE(mounts[0].at("readOnly").as_bool());
  }
}

TEST_F(ServiceAccountGuardTest, NobodyOwnsWhatItAdds) {
  const auto made = pod(R"({"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"x"}]}})");
  const auto fields = json::serialize(made.at("metadata").at("managedFields"));
  EXPECT_EQ(fields.find("serviceAccount"), std::string::npos) << fields;
  EXPECT_EQ(fields.find("kube-api-access"), std::string::npos) << fields;
}

TEST_F(ServiceAccountGuardTest, AnAccountThatIsNotThereIsRefusedInKubernetesWords) {
  const auto refused = create("Pod", R"({"metadata":{"name":"a"},"spec":{"serviceAccountName":"robot",
    "containers":[{"name":"c","image":"x"}]}})");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 403);
  EXPECT_EQ(
      refused.error().message,
      R"(pods "a" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found)");
}

TEST_F(ServiceAccountGuardTest, WhoWantsNoTokenGetsNone) {
  EXPECT_FALSE(spec(pod(R"({"metadata":{"name":"a"},"spec":{"automountServiceAccountToken":false,
    "containers":[{"name":"c","image":"x"}]}})"))
                   .contains("volumes"));
  ASSERT_TRUE(create("ServiceAccount", R"({"metadata":{"name":"quiet"},"automountServiceAccountToken":false,
    "imagePullSecrets":[{"name":"s"}]})"));
  const auto quiet = pod(R"({"metadata":{"name":"b"},"spec":{"serviceAccountName":"quiet",
    "containers":[{"name":"c","image":"x"}]}})");
  EXPECT_FALSE(spec(quiet).contains("volumes"));
  EXPECT_EQ(spec(quiet).at("imagePullSecrets"), json::parse(R"([{"name":"s"}])"));
  EXPECT_TRUE(spec(pod(R"({"metadata":{"name":"c"},"spec":{"serviceAccountName":"quiet",
    "automountServiceAccountToken":true,"containers":[{"name":"c","image":"x"}]}})"))
                  .contains("volumes"));
}

TEST_F(ServiceAccountGuardTest, WhatIsMountedThereAlreadyStays) {
  const auto made = pod(R"({"metadata":{"name":"a"},"spec":{
    "containers":[{"name":"c","image":"x","volumeMounts":[{"name":"own",
      "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],
    "volumes":[{"name":"own","emptyDir":{}}]}})");
  EXPECT_EQ(spec(made).at("volumes").as_array().size(), 1U);
  EXPECT_EQ(spec(made).at("containers").at(0).at("volumeMounts").as_array().size(), 1U);
}

TEST_F(ServiceAccountGuardTest, ANamespaceGetsBackWhatItLost) {
  ASSERT_TRUE(remove("ServiceAccount", "default"));
  ASSERT_TRUE(remove("ConfigMap", "kube-root-ca.crt"));
  wait(furnish_namespaces(*registry_, "PEM"));
  EXPECT_TRUE(get("ServiceAccount", "default"));
  EXPECT_TRUE(get("ConfigMap", "kube-root-ca.crt"));
}

}  // namespace
}  // namespace podwire::server
