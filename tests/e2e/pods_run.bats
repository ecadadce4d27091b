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
  kubectl run done --image=busybox --restart=Never -- sh -c 'echo bye'
  kubectl run bad --image=busybox -- sh -c 'exit 3'
  wait_for phase_is done Succeeded
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
