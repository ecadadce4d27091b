#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kPod = R"({"metadata":{"name":"web","namespace":"default"},"spec":{
  "restartPolicy":"Always","dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler","terminationGracePeriodSeconds":30,
  "volumes":[{"name":"v","emptyDir":{}}],"tolerations":[],"initContainers":[],
  "containers":[{"name":"a","image":"nginx:1","ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"A","value":"b"}],
    "volumeMounts":[{"name":"v","mountPath":"/data"}],"resources":{"limits":{"cpu":"1"},"requests":{"cpu":"500m"}}}]}})";

std::string refused(std::initializer_list<Change> changes) { return on_create("pods", kPod, changes); }

struct Refusal {
  std::string_view at, value, sentence;
};

class PodRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(PodRefusal, InKubernetesWords) {
  EXPECT_EQ(refused({{GetParam().at, GetParam().value}}), GetParam().sentence);
}

TEST(Pod, IsGood) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/spec/containers", "[]"}}), "spec.containers: Required value");
}

INSTANTIATE_TEST_SUITE_P(
    Container, PodRefusal,
    testing::Values(
        Refusal{"/spec/containers/0/name", "", "spec.containers[0].name: Required value"},
        Refusal{"/spec/containers/0/name", R"("a.b")",
                R"(spec.containers[0].name: Invalid value: "a.b": must not contain dots)"},
        Refusal{"/spec/containers/0/image", "", "spec.containers[0].image: Required value"},
        Refusal{
            "/spec/containers/0/image", R"(" nginx:1")",
            R"(spec.containers[0].image: Invalid value: " nginx:1": must not have leading or trailing whitespace)"},
        Refusal{"/spec/containers/-", R"({"name":"a","image":"x:1"})",
                R"(spec.containers[1].name: Duplicate value: "a")"},
        Refusal{"/spec/initContainers/-", R"({"name":"a","image":"x:1"})",
                R"(spec.initContainers[0].name: Duplicate value: "a")"},
        Refusal{"/spec/initContainers/-",
                R"({"name":"i","image":"x:1","readinessProbe":{"exec":{"command":["a"]}}})",
                "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers "
                "without restartPolicy=Always"},
        Refusal{
            "/spec/initContainers/-",
            R"({"name":"i","image":"x:1","restartPolicy":"Always","readinessProbe":{"exec":{"command":["a"]}}})",
            "accepted"},
        Refusal{"/spec/containers/0/restartPolicy", R"("Always")",
                "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"},
        Refusal{
            "/spec/containers/0/imagePullPolicy", R"("Often")",
            R"(spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never")"}));

INSTANTIATE_TEST_SUITE_P(
    Ports, PodRefusal,
    testing::Values(
        Refusal{"/spec/containers/0/ports/0/containerPort", "0",
                "spec.containers[0].ports[0].containerPort: Required value"},
        Refusal{"/spec/containers/0/ports/0/containerPort", "65536",
                "spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and "
                "65535, inclusive"},
        Refusal{
            "/spec/containers/0/ports/0/protocol", R"("ICMP")",
            R"(spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP")"},
        Refusal{
            "/spec/containers/0/ports/0/name", R"("80")",
            R"(spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z))"},
        Refusal{
            "/spec/containers/0/ports",
            R"([{"containerPort":80,"hostPort":80,"protocol":"TCP"},{"containerPort":81,"hostPort":80,"protocol":"TCP"}])",
            R"(spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80")"}));

INSTANTIATE_TEST_SUITE_P(
    Environment, PodRefusal,
    testing::Values(
        Refusal{"/spec/containers/0/env/0/name", R"("")", "spec.containers[0].env[0].name: Required value"},
        Refusal{
            "/spec/containers/0/env/0/name", R"("a=b")",
            R"(spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '=')"},
        Refusal{
            "/spec/containers/0/env/0", R"({"name":"A","valueFrom":{}})",
            R"(spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`)"},
        Refusal{
            "/spec/containers/0/env/0",
            R"({"name":"A","value":"b","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}})",
            R"(spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty)"},
        Refusal{"/spec/containers/0/env/0",
                R"({"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}})",
                "accepted"},
        Refusal{
            "/spec/containers/0/env/0",
            R"({"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.hostname"}}})",
            R"(spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.hostname": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs")"},
        Refusal{"/spec/containers/0/env/0", R"({"name":"A","valueFrom":{"secretKeyRef":{"name":"s"}}})",
                "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value"},
        Refusal{"/spec/containers/0/envFrom", R"([{"configMapRef":{}}])",
                "spec.containers[0].envFrom[0].configMapRef.name: Required value"},
        Refusal{
            "/spec/containers/0/envFrom", R"([{}])",
            R"(spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`)"}));

INSTANTIATE_TEST_SUITE_P(
    Volumes, PodRefusal,
    testing::Values(
        Refusal{"/spec/containers/0/volumeMounts/0/name", R"("w")",
                R"(spec.containers[0].volumeMounts[0].name: Not found: "w")"},
        Refusal{"/spec/containers/0/volumeMounts/-", R"({"name":"v","mountPath":"/data"})",
                R"(spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/data": must be unique)"},
        Refusal{
            "/spec/containers/0/volumeMounts/0/subPath", R"("a/../b")",
            R"(spec.containers[0].volumeMounts[0].subPath: Invalid value: "a/../b": must not contain '..')"},
        Refusal{"/spec/volumes/-", R"({"name":"v","emptyDir":{}})",
                R"(spec.volumes[1].name: Duplicate value: "v")"},
        Refusal{"/spec/volumes/-", R"({"name":"w","emptyDir":{},"hostPath":{"path":"/"}})",
                "spec.volumes[1].hostPath: Forbidden: may not specify more than 1 volume type"},
        Refusal{"/spec/volumes/-", R"({"name":"w","hostPath":{}})",
                "spec.volumes[1].hostPath.path: Required value"},
        Refusal{"/spec/volumes/-", R"({"name":"w","secret":{}})",
                "spec.volumes[1].secret.secretName: Required value"},
        Refusal{"/spec/volumes/-",
                R"({"name":"w","configMap":{"name":"c","items":[{"key":"k","path":"/p"}]}})",
                R"(spec.volumes[1].configMap.items[0].path: Invalid value: "/p": must be a relative path)"},
        Refusal{"/spec/volumes/-", R"({"name":"w","configMap":{"name":"c","defaultMode":512}})",
                "spec.volumes[1].configMap.defaultMode: Invalid value: 512: must be a number between 0 and "
                "0777 (octal), both inclusive"},
        Refusal{
            "/spec/volumes/-",
            R"({"name":"w","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":60}}]}})",
            "spec.volumes[1].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: "
            "may not specify a duration less than 10 minutes"}));

INSTANTIATE_TEST_SUITE_P(
    Resources, PodRefusal,
    testing::Values(
        Refusal{
            "/spec/containers/0/resources/requests/cpu", R"("2")",
            R"(spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1)"},
        Refusal{
            "/spec/containers/0/resources/limits/cpu", R"("-1")",
            R"([spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0, spec.containers[0].resources.requests: Invalid value: "500m": must be less than or equal to cpu limit of -1])"},
        Refusal{
            "/spec/containers/0/resources/limits/cats", R"("1")",
            R"([spec.containers[0].resources.limits[cats]: Invalid value: "cats": must be a standard resource type or fully qualified, spec.containers[0].resources.limits[cats]: Invalid value: "cats": must be a standard resource for containers, spec.containers[0].resources.requests[cats]: Invalid value: "cats": must be a standard resource type or fully qualified, spec.containers[0].resources.requests[cats]: Invalid value: "cats": must be a standard resource for containers])"},
        Refusal{"/spec/containers/0/resources", R"({"requests":{"example.com/gpu":"1"}})",
                "spec.containers[0].resources.limits: Required value: Limit must be set for non "
                "overcommitable resources"},
        Refusal{"/spec/containers/0/resources", R"({"limits":{"example.com/gpu":"1"}})", "accepted"}));

INSTANTIATE_TEST_SUITE_P(
    Probes, PodRefusal,
    testing::Values(
        Refusal{"/spec/containers/0/livenessProbe", "{}",
                "spec.containers[0].livenessProbe: Required value: must specify a handler type"},
        Refusal{"/spec/containers/0/livenessProbe", R"({"tcpSocket":{"port":80},"exec":{"command":["a"]}})",
                "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler "
                "type"},
        Refusal{"/spec/containers/0/livenessProbe", R"({"tcpSocket":{"port":"http"},"successThreshold":2})",
                "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"},
        Refusal{"/spec/containers/0/readinessProbe", R"({"tcpSocket":{"port":0}})",
                "spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and "
                "65535, inclusive"},
        Refusal{"/spec/containers/0/readinessProbe", R"({"grpc":{"port":1},"periodSeconds":-1})",
                "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or "
                "equal to 0"},
        Refusal{
            "/spec/containers/0/readinessProbe", R"({"httpGet":{"port":80,"httpHeaders":[{"name":"X Y"}]}})",
            R"(spec.containers[0].readinessProbe.httpGet.httpHeaders: Invalid value: "X Y": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+'))"},
        Refusal{"/spec/containers/0/lifecycle", R"({"preStop":{"sleep":{"seconds":31}}})",
                "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and "
                "less than terminationGracePeriodSeconds (30)"}));

INSTANTIATE_TEST_SUITE_P(
    Spec, PodRefusal,
    testing::Values(
        Refusal{
            "/spec/restartPolicy", R"("Sometimes")",
            R"(spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never")"},
        Refusal{"/spec/dnsPolicy", R"("None")",
                "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
        Refusal{
            "/spec/dnsConfig", R"({"nameservers":["a"]})",
            R"(spec.dnsConfig.nameservers[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))"},
        Refusal{"/spec/activeDeadlineSeconds", "0",
                "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
        Refusal{"/spec/hostname", R"("a.b")",
                R"(spec.hostname: Invalid value: "a.b": must not contain dots)"},
        Refusal{
            "/spec/securityContext", R"({"runAsUser":-1})",
            "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"},
        Refusal{
            "/spec/hostAliases", R"([{"ip":"x","hostnames":["h"]}])",
            R"(spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))"},
        Refusal{
            "/spec/tolerations/-", R"({"key":"a","operator":"Exists","value":"b"})",
            R"(spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is 'Exists')"},
        Refusal{
            "/spec/tolerations/-", R"({"operator":"Equal","value":"b"})",
            R"(spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys")"},
        Refusal{
            "/spec/tolerations/-",
            R"({"key":"a","operator":"Exists","effect":"NoSchedule","tolerationSeconds":1})",
            R"(spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when `tolerationSeconds` is set)"},
        Refusal{"/spec/topologySpreadConstraints",
                R"([{"maxSkew":0,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}])",
                "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than 0"},
        Refusal{"/spec/topologySpreadConstraints",
                R"([{"maxSkew":1,"topologyKey":"","whenUnsatisfiable":"DoNotSchedule"}])",
                "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty"},
        Refusal{
            "/spec/affinity",
            R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}})",
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: "
            "Required value: must have at least one node selector term"},
        Refusal{
            "/spec/affinity",
            R"({"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"podAffinityTerm":{"topologyKey":"a"}}]}})",
            "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: "
            "Invalid value: 0: must be in the range 1-100"},
        Refusal{"/spec/schedulingGates", R"([{"name":"a"},{"name":"a"}])",
                R"(spec.schedulingGates[1]: Duplicate value: "a")"}));

TEST(Pod, OnTheHostsNetworkPortsMatch) {
  EXPECT_EQ(refused({{"/spec/hostNetwork", "true"}}), "accepted");
  EXPECT_EQ(refused({{"/spec/hostNetwork", "true"}, {"/spec/containers/0/ports/0/hostPort", "81"}}),
            "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when "
            "`hostNetwork` is true");
}

TEST(PodStatus, HasOneAddressOfEachFamily) {
  const auto status = [](std::initializer_list<Change> changes) { return on_status("pods", kPod, changes); };
  EXPECT_EQ(status({{"/status/podIPs", R"([{"ip":"10.0.0.1"},{"ip":"fd00::1"}])"}}), "accepted");
  EXPECT_EQ(
      status({{"/status/podIPs", R"([{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}])"}}),
      R"(status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family)");
  EXPECT_EQ(
      status({{"/status/podIP", R"("x")"}}),
      R"(status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))");
  EXPECT_EQ(status({{"/status/hostIP", R"("192.0.2.1")"}, {"/status/hostIPs", R"([{"ip":"192.0.2.2"}])"}}),
            R"(status.hostIPs[0].ip: Invalid value: "192.0.2.2": must be equal to `hostIP`)");
  EXPECT_EQ(status({{"/status/qosClass", R"("Guaranteed")"}}),
            R"(status.qosClass: Invalid value: "Guaranteed": field is immutable)");
}

}  // namespace
}  // namespace podwire::kube
