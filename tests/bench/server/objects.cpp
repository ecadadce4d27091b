#include "tests/bench/server/objects.h"

#include <fmt/format.h>

namespace podwire::bench {
namespace {

constexpr int kReplicas = 10;

std::string pod_name(int n) { return fmt::format("web-{}-5d4f8c7b9-{:05}", n / kReplicas, n); }

/// As a ReplicaSet makes it and admission completes it.
std::string pod_head(int n, int nodes) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{0}","namespace":"bench",)"
      R"("labels":{{"app.kubernetes.io/name":"web-{1}","app.kubernetes.io/part-of":"shop","pod-template-hash":"5d4f8c7b9"}},)"
      R"("annotations":{{"prometheus.io/scrape":"true","prometheus.io/port":"9090"}}}},"spec":{{"containers":[{{)"
      R"("name":"web","image":"images.example/shop/web-{1}:v1.27.3","imagePullPolicy":"IfNotPresent",)"
      R"("args":["--listen=:8080","--log=info"],"ports":[{{"name":"http","containerPort":8080}},{{"name":"metrics","containerPort":9090}}],)"
      R"("env":[{{"name":"POD_IP","valueFrom":{{"fieldRef":{{"fieldPath":"status.podIP"}}}}}},{{"name":"DB_HOST","value":"db.shop.svc"}}],)"
      R"("resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}},"limits":{{"memory":"256Mi"}}}},)"
      R"("readinessProbe":{{"httpGet":{{"path":"/ready","port":"http"}},"periodSeconds":5}},)"
      R"("livenessProbe":{{"httpGet":{{"path":"/live","port":"http"}},"initialDelaySeconds":10}},)"
      R"("volumeMounts":[{{"name":"config","mountPath":"/etc/web","readOnly":true}},)"
      R"({{"name":"kube-api-access-x7k2p","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","readOnly":true}}]}}],)"
      R"("volumes":[{{"name":"config","configMap":{{"name":"web-{1}"}}}},{{"name":"kube-api-access-x7k2p","projected":{{"sources":[)"
      R"({{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}},)"
      R"({{"configMap":{{"name":"kube-root-ca.crt","items":[{{"key":"ca.crt","path":"ca.crt"}}]}}}}]}}}}],)"
      R"("serviceAccountName":"default","nodeName":"node-{2:04}","tolerations":[)"
      R"({{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}},)"
      R"({{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}]}})",
      pod_name(n), n / kReplicas, n % nodes);
}

}  // namespace

std::string pod(int n, int nodes) { return pod_head(n, nodes) + "}"; }

std::string pod_path(int n) { return fmt::format("{}/{}", kPods, pod_name(n)); }

std::string running_pod(int n, int nodes) {
  constexpr auto kAt = "2026-01-02T03:04:05Z";
  std::string conditions;
  for (const auto* type :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"})
    conditions +=
        fmt::format(R"({}{{"type":"{}","status":"True","lastProbeTime":null,"lastTransitionTime":"{}"}})",
                    conditions.empty() ? "" : ",", type, kAt);
  return pod_head(n, nodes) +
         fmt::format(
             R"(,"status":{{"phase":"Running","qosClass":"Burstable","hostIP":"10.89.{0}.{1}","hostIPs":[{{"ip":"10.89.{0}.{1}"}}],)"
             R"("podIP":"10.244.{2}.{3}","podIPs":[{{"ip":"10.244.{2}.{3}"}}],"startTime":"{4}","conditions":[{5}],)"
             R"("containerStatuses":[{{"name":"web","ready":true,"started":true,"restartCount":0,)"
             R"("image":"images.example/shop/web:v1.27.3","imageID":"sha256:{6:064x}","containerID":"containerd://{6:064x}",)"
             R"("state":{{"running":{{"startedAt":"{4}"}}}},"lastState":{{}}}}]}}}})",
             n % nodes / 250, n % nodes % 250, n / 250 % 250, n % 250, kAt, conditions,
             0x1234567890abcdefULL + n);
}

std::string node(int n) {
  constexpr auto kAt = "2026-01-02T03:04:05Z";
  std::string conditions, images;
  for (const auto* type : {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"})
    conditions += fmt::format(
        R"({}{{"type":"{}","status":"{}","lastHeartbeatTime":"{}","lastTransitionTime":"{}","reason":"KubeletHasNo{}",)"
        R"("message":"kubelet has nothing to say of it"}})",
        conditions.empty() ? "" : ",", type, type[0] == 'R' ? "True" : "False", kAt, kAt, type);
  for (int i = 0; i < 5; ++i)
    images += fmt::format(
        R"({}{{"names":["images.example/shop/web-{}@sha256:{:064x}","images.example/shop/web-{}:v1"],"sizeBytes":{}}})",
        i == 0 ? "" : ",", i, i + 77, i, 50'000'000 + i);
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-{0:04}","labels":{{"kubernetes.io/hostname":"node-{0:04}",)"
      R"("kubernetes.io/os":"linux","kubernetes.io/arch":"amd64","node.kubernetes.io/instance-type":"m4",)"
      R"("topology.kubernetes.io/zone":"zone-{1}","topology.kubernetes.io/region":"r1"}},)"
      R"("annotations":{{"node.alpha.kubernetes.io/ttl":"0"}}}},"spec":{{"providerID":"lab://node-{0:04}"}},"status":{{)"
      R"("capacity":{{"cpu":"8","memory":"32Gi","pods":"110","ephemeral-storage":"100Gi"}},)"
      R"("allocatable":{{"cpu":"7800m","memory":"30Gi","pods":"110","ephemeral-storage":"90Gi"}},"conditions":[{2}],)"
      R"("addresses":[{{"type":"InternalIP","address":"10.89.{3}.{4}"}},{{"type":"Hostname","address":"node-{0:04}"}}],)"
      R"("daemonEndpoints":{{"kubeletEndpoint":{{"Port":10250}}}},"nodeInfo":{{"machineID":"{0:032x}","systemUUID":"{0:032x}",)"
      R"("bootID":"{0:032x}","kernelVersion":"6.1.0","osImage":"Debian GNU/Linux 12","containerRuntimeVersion":"containerd://1.7",)"
      R"("kubeletVersion":"v1.35.0","kubeProxyVersion":"v1.35.0","operatingSystem":"linux","architecture":"amd64"}},)"
      R"("images":[{5}]}}}})",
      n, n % 3, conditions, n / 250, n % 250, images);
}

std::string service(int n) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Service","metadata":{{"name":"svc-{0}","namespace":"bench","labels":{{"app.kubernetes.io/name":"web-{0}"}}}},)"
      R"("spec":{{"selector":{{"app.kubernetes.io/name":"web-{0}"}},"ports":[{{"name":"http","port":80,"targetPort":"http"}},)"
      R"({{"name":"metrics","port":9090,"targetPort":"metrics"}}]}}}})",
      n);
}

}  // namespace podwire::bench
