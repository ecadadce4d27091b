#!/usr/bin/env bats
# podwire proxy show, services and endpoints: what a node's tables say, in words.

load helpers
load lab_helpers

setup() { lab_setup; }
teardown() { lab_teardown; }

apply() { env KUBECONFIG="$(lab kubeconfig)" "${KUBECTL:=$REPO/build/clients/kubectl}" apply -f - >/dev/null; }
show() { lab exec node0 -- podwire proxy show "$@"; }
# shows WORDS ARGUMENT...: `proxy show ARGUMENT...` has these words by now.
shows() { [[ $(show "${@:2}" 2>/dev/null) == *"$1"* ]]; }

# service NAME CLUSTER-IP NODE-PORT POLICY ENDPOINT...: without pods, so that addresses are known.
service() {
  local address
  printf '%s\n' '---' 'apiVersion: v1' 'kind: Service' "metadata: {name: $1}" \
    "spec: {type: NodePort, clusterIP: $2, externalTrafficPolicy: $4, ports: [{name: http, port: 80, nodePort: $3}]}" \
    '---' 'apiVersion: discovery.k8s.io/v1' 'kind: EndpointSlice' \
    "metadata: {name: $1-1, labels: {kubernetes.io/service-name: $1}}" 'addressType: IPv4' \
    'ports: [{name: http, port: 8080, protocol: TCP}]' 'endpoints:'
  for address in "${@:5}"; do echo "- {addresses: [$address], conditions: {ready: true}}"; done
}

@test "a Service's way through the tables, in words, as JSON, as iptables and in tables" {
  need_program "${KUBECTL:=$REPO/build/clients/kubectl}"
  succeeds lab up --nodes 1
  { service web 10.96.7.7 30080 Cluster 10.244.9.2 10.244.9.3 10.244.9.4; service far 10.96.7.8 30081 Local 10.244.9.9; } | apply
  wait_for shows 10.244.9.4:8080 svc/web
  wait_for shows 10.244.9.9:8080 svc/far

  succeeds show svc/web
  contains "$output" "Service default/web:http"
  [[ $output =~ 10.96.7.7:80/tcp\ +pool\ (0x[0-9a-f]{8})\ +\(map\ vips4\) ]]
  contains "$output" "pool ${BASH_REMATCH[1]}: pods keep their address"
  contains "$output" "chain lb-3 picks one of 3, each with probability 0.333"
  # Once for each of its two pools: of the ClusterIP, and of the node port.
  same "$(grep -c ' 10.244.9.3:8080$' <<<"$output")" 2
  [[ $output != *10.244.9.9* ]]

  succeeds show default/far
  [[ $output =~ \*:30081/tcp\ +dropped ]]

  succeeds show svc/web -o json
  json "$output" '[.[0].pools[].endpoints | length]' '[3,3]'

  # The name's hash as anybody can make it.
  local hash
  hash=$(printf %s default/web:httptcp | sha256sum | cut -c-64 | sed 's/../\\x&/g')
  hash=$(printf '%b' "$hash" | base32 | cut -c-16)
  succeeds show svc/web --as iptables
  contains "${lines[0]}" "# A view"
  contains "$output" "-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment \"default/web:http cluster IP\" -m tcp --dport 80 -j KUBE-SVC-$hash"
  contains "$output" "--probability 0.33333333349 -j KUBE-SEP-"
  contains "$output" "--dport 30080 -j KUBE-EXT-$hash"
  same "$(grep -c -- '-j DNAT' <<<"$output")" 3
  # It is a view: nothing of it is in the kernel.
  succeeds lab exec node0 -- nft list ruleset
  [[ $output != *KUBE-* ]]

  succeeds lab exec node0 -- podwire services
  [[ $output =~ default/web:http\ +\*:30080/tcp,10.96.7.7:80/tcp\ +3 ]]
  succeeds lab exec node0 -- podwire endpoints
  [[ $output =~ default/far:http\ +10.244.9.9:8080 ]]

  fails show svc/nobody
  contains "$stderr" "default/nobody"
}

@test "where no proxy runs, that is what is said" {
  fails unshare -n "$PODWIRE" proxy show
  contains "$stderr" "no proxy of podwire's runs in this network namespace"
  fails unshare -n "$PODWIRE" services
  contains "$stderr" "podwire lab exec NODE -- podwire proxy show"
}
