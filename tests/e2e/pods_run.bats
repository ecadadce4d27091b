#!/usr/bin/env bats
# podwire agent --run-pods: pods that are bound to a node become network namespaces and containers.

load helpers
load server_helpers
load agent_helpers

setup() {
  start_control_plane
  start_node n1 11
  wait_ready n1
}
teardown() { teardown_cluster; }

phase_is() { [[ $(field "pod/$1" .status.phase) == "$2" ]]; }
is_pod_ready() { [[ $(field "pod/$1" '.status.conditions[?(@.type=="Ready")].status') == True ]]; }
is_gone() { ! kubectl get "$1" >/dev/null 2>&1; }
has_event() { [[ $(kubectl get events -o "jsonpath={.items[?(@.reason==\"$1\")].message}") == *"$2"* ]]; }

@test "a pod runs, answers on its address, and goes without a trace" {
  kubectl run web --image=paulbouwer/hello-kubernetes:1.8
  wait_for is_pod_ready web
  local ip
  ip=$(field pod/web .status.podIP)
  contains "$(on n1 busybox wget -q -O - "http://$ip:8080/")" "web"
  contains "$(on n1 ip netns list)" "default.web."
  has_event Pulled "stands in for container image"
  has_event Started "Started container web"
  kubectl delete pod web --wait=false
  wait_for is_gone pod/web
  [[ -z $(on n1 ip netns list) ]]
  [[ -z $(on n1 find /var/lib/podwire/agent/kubelet/pods -mindepth 1) ]]
  [[ -z $(on n1 sh -c 'ls /var/log/pods') ]]
}

@test "a pod whose work is done is Succeeded; one that fails is tried again after a while" {
  kubectl run over --image=busybox --restart=Never -- sh -c 'echo bye'
  kubectl run bad --image=busybox -- sh -c 'exit 3'
  wait_for phase_is over Succeeded
  # shellcheck disable=SC2317 # called by wait_for
  is_waiting() { [[ $(field pod/bad '.status.containerStatuses[0].state.waiting.reason') == CrashLoopBackOff ]]; }
  wait_for is_waiting
  [[ $(field pod/bad '.status.containerStatuses[0].lastState.terminated.exitCode') == 3 ]]
  wait_for has_event BackOff "Back-off restarting failed container bad in pod bad_default("
}

@test "an image that is not there says how to bring it" {
  kubectl run odd --image=example.org/odd:1
  is_waiting() { [[ $(field pod/odd '.status.containerStatuses[0].state.waiting.reason') == *Pull* ]]; }
  wait_for is_waiting
  contains "$(field pod/odd '.status.containerStatuses[0].state.waiting.message')" "podwire image import"
}

@test "pods run on while the agent is killed, and the next one goes on with them" {
  kubectl run web --image=nginx
  wait_for is_pod_ready web
  local id
  id=$(field pod/web '.status.containerStatuses[0].containerID')
  stop_agent n1 KILL
  local ip
  ip=$(field pod/web .status.podIP)
  on n1 busybox wget -q -O /dev/null "http://$ip:80/"
  start_agent n1
  kubectl run more --image=busybox -- sleep 1000
  wait_for is_pod_ready more
  [[ $(field pod/web '.status.containerStatuses[0].containerID') == "$id" ]]
  [[ $(field pod/web '.status.containerStatuses[0].restartCount') == 0 ]]
  kubectl delete pod web more --wait=false --grace-period=1
  wait_for is_gone pod/web
  wait_for is_gone pod/more
  [[ -z $(on n1 ip netns list) ]]
}

@test "a container has its environment, its volumes and its names" {
  kubectl create configmap settings --from-literal=colour=blue
  kubectl create secret generic word --from-literal=pass=sesame
  apply_file all <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: all, labels: {app: all}}
spec:
  hostAliases: [{ip: 192.0.2.1, hostnames: [elsewhere]}]
  initContainers:
  - {name: first, image: busybox, command: [sh, -c, "echo made > /share/file"], volumeMounts: [{name: share, mountPath: /share}]}
  containers:
  - name: c
    image: busybox
    command: [sh, -c]
    args: ["env; cat /share/file /config/colour /secret/pass /labels/labels /etc/hosts /etc/resolv.conf; ls /var/run/secrets/kubernetes.io/serviceaccount; echo $(GREETING); sleep 1000"]
    env:
    - {name: WHO, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: GREETING, value: "hello $(WHO)"}
    - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}
    envFrom: [{secretRef: {name: word}, prefix: S_}]
    volumeMounts:
    - {name: share, mountPath: /share}
    - {name: config, mountPath: /config}
    - {name: secret, mountPath: /secret}
    - {name: labels, mountPath: /labels}
  volumes:
  - {name: share, emptyDir: {}}
  - {name: config, configMap: {name: settings}}
  - {name: secret, secret: {secretName: word}}
  - {name: labels, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
YAML
  wait_for is_pod_ready all
  local log
  log=$(on n1 sh -c 'cat /var/log/pods/default_all_*/c/0.log')
  for word in WHO=all "ADDRESS=$(field pod/all .status.podIP)" COLOUR=blue S_pass=sesame made blue sesame 'app="all"' \
    elsewhere "hello all" KUBERNETES_SERVICE_HOST=10.96.0.1 token ca.crt namespace; do
    contains "$log" "$word"
  done
}

@test "kubectl logs and exec reach a pod" {
  kubectl run web --image=nginx
  kubectl run talk --image=busybox -- sh -c 'echo one; echo two; sleep 1000'
  wait_for is_pod_ready web
  wait_for is_pod_ready talk
  [[ $(kubectl logs talk) == $'one\ntwo' ]]
  [[ $(kubectl exec talk -- hostname) == talk ]]
  [[ $(echo hello | kubectl exec -i talk -- cat) == hello ]]
  run kubectl exec talk -- sh -c 'exit 7'
  [[ $status == 7 ]]
  run kubectl logs web -c other
  [[ $status != 0 ]]
}

@test "probes decide when a pod is ready, and when its container is begun anew" {
  apply_file probed <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: probed}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: nginx
    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
  - name: sick
    image: busybox
    command: [sleep, "1000"]
    livenessProbe: {exec: {command: [test, -e, /tmp/well]}, periodSeconds: 1, failureThreshold: 2}
  - name: shut
    image: busybox
    command: [sleep, "1000"]
    readinessProbe: {tcpSocket: {port: 81}, periodSeconds: 1}
YAML
  container_is_ready() { [[ $(field pod/probed ".status.containerStatuses[?(@.name==\"$1\")].ready") == true ]]; }
  was_restarted() { (($(field pod/probed ".status.containerStatuses[?(@.name==\"$1\")].restartCount") > 0)); }
  wait_for container_is_ready web
  wait_for was_restarted sick
  run -1 container_is_ready shut
  run -1 is_pod_ready probed
  wait_for has_event Unhealthy "Liveness probe failed: command failed with exit status 1"
}
