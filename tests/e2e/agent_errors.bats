#!/usr/bin/env bats
# What podwire agent says when it cannot be a node: a sentence, and exit status 2 for flags, 1 for what it finds.

load helpers
load server_helpers
load agent_helpers

teardown() { teardown_cluster; }

agent() { on n1 timeout 20 "$PODWIRE" agent --cni-conf-dir "$CONF_DIR" "$@"; }

# ends STATUS SENTENCE-PART AGENT-OPTIONS...
ends() {
  local name=(--node-name n1)
  [[ " $* " != *" --node-name "* ]] || name=()
  run --separate-stderr agent "${name[@]}" "${@:3}"
  same "$status" "$1" && contains "$stderr" "$2"
}

node_machine() {
  start_machine n1
  plug n1 10.89.0.11/24 fd89::11/64
}

@test "flags that say nothing, or contradict each other" {
  need_root
  node_machine
  local token
  token="K10$(printf 'a%.0s' {1..64})::node:0123456789abcdef"
  ends 2 "is missing: it is in the file node-token" --server "$URL"
  ends 2 "does not begin with K10" --server "$URL" --token nonsense
  ends 2 "--server https://HOST" --token "$token"
  ends 2 "is no URL" --server http://10.89.0.10:6443 --token "$token"
  ends 2 "exclude each other" --server "$URL" --token "$token" --kubeconfig /nowhere
  ends 2 "is none of auto, host-gw and vxlan" --backend ipip --server "$URL" --token "$token"
  ends 2 "did you mean 10.244.0.0/16" --cluster-cidr 10.244.1.0/16 --server "$URL" --token "$token"
  ends 2 "ranges of their own" --cluster-cidr 10.89.0.0/16 --node-ip 10.89.0.11 --server "$URL" --token "$token"
  ends 2 "is no address by which other nodes reach" --node-ip 127.0.0.1 --server "$URL" --token "$token"
  ends 2 "is no name of a Node" --node-name Node_1 --server "$URL" --token "$token"
  ends 1 "this is not a pod; name a kubeconfig"
  ends 1 "/nowhere" --kubeconfig /nowhere
}

@test "another cluster's token, and a wrong secret: one sentence, and no secret is sent to a stranger" {
  start_control_plane
  node_machine
  ends 1 "its CA is not the one that the token is for" --server "$URL" \
    --token "K10$(printf 'a%.0s' {1..64})::node:0123456789abcdef" --run-pods
  # shellcheck disable=SC2153 # of start_control_plane
  ends 1 "does not accept the token's secret" --server "$URL" --token "${TOKEN%:*}:0123456789abcdef" --run-pods
  same "$(kubectl get nodes -o name)" ""
}

@test "a node's name belongs to the machine that had it first" {
  start_control_plane
  start_node n2 12
  wait_ready n2
  node_machine
  run --separate-stderr on n1 timeout 20 "$PODWIRE" agent --server "$URL" --token "$TOKEN" --node-name n2 --run-pods
  same "$status" 1
  contains "$stderr" "has joined before with another node password"
}

@test "a node address among the pods' or the Services' addresses" {
  start_control_plane --cluster-cidr 10.89.0.0/16
  node_machine
  ends 1 "from which pods get theirs" --server "$URL" --token "$TOKEN" --run-pods
}

@test "a server that is not there is waited for, and that is said once" {
  start_control_plane
  stop_server TERM
  start_node n1 11
  wait_for grep -q "cannot join the cluster" "$BATS_TEST_TMPDIR/n1.log"
  start_server --listen 0.0.0.0:6443
  wait_up_to 30 is_ready n1
  same "$(grep -c "cannot join the cluster" "$BATS_TEST_TMPDIR/n1.log")" 1
}

@test "credentials and the node's password are nobody else's to read, and are used again" {
  start_control_plane
  start_node n1 11
  wait_ready n1
  same "$(on n1 stat -c %a /var/lib/podwire/agent /var/lib/podwire/agent/node.key /var/lib/podwire/agent/node-password | tr '\n' ' ')" "700 600 600 "
  local before
  before=$(on n1 sha256sum /var/lib/podwire/agent/node.crt)
  stop_agent n1 TERM
  start_agent n1
  wait_for eval '(($(grep -c "is ready for pods" "$BATS_TEST_TMPDIR/n1.log") == 2))'
  same "$(on n1 sha256sum /var/lib/podwire/agent/node.crt)" "$before"
}
