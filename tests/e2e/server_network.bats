#!/usr/bin/env bats
# What podwire server does about Services' addresses and ports, Events, and pods that no node runs yet.

load helpers
load server_helpers

teardown() { stop_machines; }

service_cidr() {
  apply_file "$1" <<YAML
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: $1}
spec: {cidrs: [$2]}
YAML
}

managed_addresses() { kubectl get ipaddresses -o name | wc -l; }
cidr_gone() { ! kubectl get servicecidr "$1" >/dev/null 2>&1; }
cidr_terminating() {
  [[ $(field "servicecidr/$1" '.status.conditions[?(@.type=="Ready")].reason') == Terminating ]]
}

@test "a full range is grown by a ServiceCIDR, which stays until nobody needs it" {
  start_server --in-memory --service-cluster-ip-range 10.96.0.0/29
  local i
  for i in 1 2 3 4 5; do succeeds kubectl create service clusterip "s$i" --tcp=80; done
  fails kubectl create service clusterip late --tcp=80
  contains "$stderr" "range is full"
  service_cidr more 10.97.0.0/28
  same "$(field servicecidr/more '.status.conditions[0].status')" True
  succeeds kubectl create service clusterip late --tcp=80
  contains "$(field svc/late .spec.clusterIP)" 10.97.0.
  succeeds kubectl delete servicecidr more --wait=false
  wait_for cidr_terminating more
  fails kubectl create service clusterip later --tcp=80
  succeeds kubectl delete svc late
  wait_for cidr_gone more
}

@test "addresses go with their Services, and one taken by hand comes back" {
  start_server --in-memory
  local before ip
  before=$(managed_addresses)
  succeeds kubectl create service clusterip a --tcp=80
  succeeds kubectl create service nodeport b --tcp=80
  ip=$(field svc/a .spec.clusterIP)
  succeeds kubectl delete ipaddress "$ip"
  wait_for kubectl get ipaddress "$ip"
  succeeds kubectl delete svc a b
  same "$(managed_addresses)" "$before"
}

@test "dual-stack: a Service becomes one of both families and of one again" {
  start_server --in-memory --cluster-cidr 10.244.0.0/16,fd00:244::/56 --service-cluster-ip-range 10.96.0.0/12,fd00:96::/112
  succeeds kubectl create service clusterip web --tcp=80
  same "$(field svc/web .spec.ipFamilies)" '["IPv4"]'
  succeeds kubectl patch svc web --type=merge -p '{"spec":{"ipFamilyPolicy":"RequireDualStack"}}'
  same "$(field svc/web .spec.ipFamilies)" '["IPv4","IPv6"]'
  contains "$(field svc/web '.spec.clusterIPs[1]')" fd00:96::
  local six
  six=$(field svc/web '.spec.clusterIPs[1]')
  succeeds kubectl get ipaddress "$six"
  succeeds kubectl patch svc web --type=merge -p '{"spec":{"ipFamilyPolicy":"SingleStack"}}'
  same "$(field svc/web .spec.ipFamilies)" '["IPv4"]'
  fails kubectl get ipaddress "$six"
}

@test "node ports run out, and are given again" {
  start_server --in-memory --service-node-port-range 30000-30001
  succeeds kubectl create service nodeport a --tcp=80
  succeeds kubectl create service nodeport b --tcp=80
  fails kubectl create service nodeport c --tcp=80
  contains "$stderr" "range is full"
  succeeds kubectl delete svc a
  succeeds kubectl create service nodeport c --tcp=80
}

@test "Events are one store with two views" {
  start_server --in-memory
  apply_file event <<'YAML'
apiVersion: v1
kind: Event
metadata: {name: told, namespace: default}
involvedObject: {kind: Pod, name: web, namespace: default}
reason: Pulled
message: it is there
type: Normal
source: {component: kubelet, host: n1}
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
count: 2
YAML
  same "$(kubectl get events.events.k8s.io told -o 'jsonpath={.note}')" "it is there"
  same "$(kubectl get events.events.k8s.io told -o 'jsonpath={.deprecatedCount}')" 2
  succeeds kubectl get events.events.k8s.io --field-selector regarding.name=web -o name
  contains "$output" told
  succeeds kubectl get events --field-selector involvedObject.name=web,reason=Pulled
  contains "$output" "it is there"
  succeeds kubectl patch events.events.k8s.io told --type=merge -p '{"deprecatedCount":3}'
  same "$(kubectl get events told -o 'jsonpath={.count}')" 3
  succeeds kubectl delete events told
  fails kubectl get events.events.k8s.io told
}

@test "a pod is bound once; logs, exec and port-forward say in one sentence why not" {
  start_server --in-memory
  apply_file pod <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {schedulerName: nobody, containers: [{name: c, image: nginx}]}
YAML
  fails kubectl logs web
  contains "$stderr" "pod web does not have a host assigned"
  local binding='{"apiVersion":"v1","kind":"Binding","metadata":{"name":"web"},"target":{"kind":"Node","name":"n1"}}'
  echo "$binding" >"$BATS_TEST_TMPDIR/binding.json"
  succeeds kubectl create --raw /api/v1/namespaces/default/pods/web/binding -f "$BATS_TEST_TMPDIR/binding.json"
  same "$(field pod/web .spec.nodeName)" n1
  same "$(field pod/web '.status.conditions[?(@.type=="PodScheduled")].status')" True
  fails kubectl create --raw /api/v1/namespaces/default/pods/web/binding -f "$BATS_TEST_TMPDIR/binding.json"
  contains "$stderr" 'pod web is already assigned to node "n1"'
  local why='nodes "n1" not found'
  fails kubectl logs web
  contains "$stderr" "$why"
  fails kubectl exec web -- true
  contains "$stderr" "$why"
  fails kubectl attach web
  contains "$stderr" "$why"
  # Nobody says that it runs, so that kubectl does not even ask.
  fails kubectl port-forward pod/web 8080:80
  contains "$stderr" "pod is not running"
  kubectl patch pod web --subresource=status --type=merge -p '{"status":{"phase":"Running"}}'
  fails kubectl port-forward pod/web 8080:80
  contains "$stderr" "$why"
}

@test "metrics and health" {
  start_server --in-memory
  succeeds kubectl get configmaps -A
  succeeds kubectl get --raw /metrics
  contains "$output" 'apiserver_request_total{code="200"'
  contains "$output" 'apiserver_storage_objects{resource="configmaps"}'
  contains "$output" process_resident_memory_bytes
  succeeds kubectl get --raw '/readyz?verbose'
  contains "$output" "[+]store ok"
  contains "$output" "readyz check passed"
}
