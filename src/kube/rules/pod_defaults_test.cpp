#include "kube/rules/pod_spec.h"
#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

json::object filled(std::string_view text) {
  auto object = parse_object(text);
  rules_of("pods").default_object(object);
  return object;
}

struct Image {
  std::string_view name, policy;
};

class ImagePullPolicy : public testing::TestWithParam<Image> {};

TEST_P(ImagePullPolicy, GoesByTheTag) {
  auto object = parse_object(R"({"spec":{"containers":[{"name":"a"}]}})");
  object["spec"].at("containers").at(0).get_object()["image"] = GetParam().name;
  rules_of("pods").default_object(object);
  EXPECT_EQ(object["spec"].at("containers").at(0).at("imagePullPolicy"), json::value(GetParam().policy));
}

INSTANTIATE_TEST_SUITE_P(All, ImagePullPolicy,
                         testing::Values(Image{"nginx", "Always"}, Image{"nginx:latest", "Always"},
                                         Image{"nginx:1.27", "IfNotPresent"},
                                         Image{"r.io:5000/nginx", "Always"},
                                         Image{"r.io:5000/nginx:2", "IfNotPresent"},
                                         Image{"nginx@sha256:0123", "IfNotPresent"},
                                         Image{"nginx:latest@sha256:0123", "Always"}));

TEST(PodDefaults, RequestsFollowLimits) {
  const auto object = filled(R"({"spec":{"containers":[{"name":"a","image":"b:1",
      "resources":{"limits":{"cpu":"0.5","memory":"1024Ki"},"requests":{"cpu":"100m"}}}]}})");
  EXPECT_EQ(json::serialize(object.at("spec").at("containers").at(0).at("resources")),
            R"({"limits":{"cpu":"500m","memory":"1Mi"},"requests":{"cpu":"100m","memory":"1Mi"}})");
}

TEST(PodDefaults, OnTheHostsNetworkPortsAreTheHosts) {
  const auto object = filled(R"({"spec":{"hostNetwork":true,"containers":[{"name":"a","image":"b","ports":[
      {"containerPort":80},{"containerPort":81,"hostPort":82}]}]}})");
  const auto& ports = object.at("spec").at("containers").at(0).at("ports");
  EXPECT_EQ(ports.at(0).at("hostPort"), 80);
  EXPECT_EQ(ports.at(1).at("hostPort"), 82);
}

TEST(PodDefaults, ProbesWithZeros) {
  const auto object = filled(R"({"spec":{"containers":[{"name":"a","image":"b:1",
      "readinessProbe":{"httpGet":{"port":80},"timeoutSeconds":0,"periodSeconds":5}}]}})");
  EXPECT_EQ(json::serialize(object.at("spec").at("containers").at(0).at("readinessProbe")),
            R"({"httpGet":{"port":80,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":5,)"
            R"("successThreshold":1,"failureThreshold":3})");
}

TEST(PodDefaults, OlderFieldsFollow) {
  const auto object =
      filled(R"({"spec":{"serviceAccountName":"a","serviceAccount":"b"},"status":{"podIP":"10.0.0.1"}})");
  EXPECT_EQ(object.at("spec").at("serviceAccount"), "a");
  EXPECT_EQ(json::serialize(object.at("status").at("podIPs")), R"([{"ip":"10.0.0.1"}])");
  EXPECT_EQ(filled(R"({"spec":{"serviceAccount":"b"}})").at("spec").at("serviceAccountName"), "b");
  EXPECT_EQ(filled(R"({"status":{"podIPs":[{"ip":"fd00::1"},{"ip":"10.0.0.1"}]}})").at("status").at("podIP"),
            "fd00::1");
}

TEST(PodDefaults, AVolumeOfNoKindIsEmpty) {
  EXPECT_EQ(json::serialize(filled(R"({"spec":{"volumes":[{"name":"v"}]}})").at("spec").at("volumes")),
            R"([{"name":"v","emptyDir":{}}])");
}

TEST(PodDefaults, FillingTwiceChangesNothing) {
  auto object =
      filled(R"({"spec":{"hostNetwork":true,"volumes":[{"name":"v"}],"containers":[{"name":"a","image":"b",
      "resources":{"limits":{"cpu":"0.1"}},"ports":[{"containerPort":80}],"livenessProbe":{"httpGet":{"port":1}}}]}})");
  const auto once = object;
  rules_of("pods").default_object(object);
  EXPECT_EQ(object, once);
}

TEST(PodDefaults, StartsPending) {
  auto object = parse_object(R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Running"}})");
  rules_of("pods").prepare_create(object);
  EXPECT_EQ(json::serialize(object.at("status")), R"({"phase":"Pending","qosClass":"BestEffort"})");
}

TEST(QosClass, IsWhatIsAskedFor) {
  const auto of = [](std::string_view resources) {
    auto object = parse_object(R"({"spec":{"containers":[{"name":"a","image":"b"}]}})");
    object["spec"].at("containers").at(0).get_object()["resources"] = json::parse(resources);
    rules_of("pods").default_object(object);
    return std::string(qos_class(object["spec"].get_object()));
  };
  EXPECT_EQ(of("{}"), "BestEffort");
  EXPECT_EQ(of(R"({"requests":{"cpu":"1"}})"), "Burstable");
  EXPECT_EQ(of(R"({"limits":{"cpu":"1"}})"), "Burstable");
  EXPECT_EQ(of(R"({"limits":{"cpu":"1","memory":"1Gi"}})"), "Guaranteed");
  EXPECT_EQ(of(R"({"limits":{"cpu":"1000m","memory":"1Gi"},"requests":{"cpu":"1"}})"), "Guaranteed");
  EXPECT_EQ(of(R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})"), "Burstable");
}

}  // namespace
}  // namespace podwire::kube
