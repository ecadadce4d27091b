#!/usr/bin/env bats
# podwire lab: a whole cluster, its nodes' life, and its end.

load helpers
load lab_helpers

setup() { lab_setup; }
teardown() { lab_teardown "$LAB" "$LAB-b"; }

@test "a cluster of three nodes comes up, each of them a machine of its own" {
  succeeds lab up
  contains "$output" "lab $LAB is up: 3 nodes Ready"
  contains "$output" "export KUBECONFIG=$LAB_DIR/kubeconfig"
  succeeds lab status -o json
  json "$output" '[.nodes[].name]' '["node0","node1","node2"]'
  json "$output" '[.nodes[].state] | unique' '["Ready"]'
  json "$output" '[.nodes[].addresses]' '["10.89.0.10","10.89.0.11","10.89.0.12"]'
  json "$output" '[.nodes[].podCIDRs] | unique | length' 3
  succeeds lab exec node1 -- hostname
  same "$output" node1
  succeeds lab exec node1 -- ls /opt/cni/bin /etc/cni/net.d
  contains "$output" podwire-cni
  contains "$output" conflist
  [[ ! -e /etc/cni/net.d/10-podwire.conflist ]]
  succeeds lab exec node1 -- ls /sys/class/net
  [[ $output != *docker0* && $output == *eth0* ]]
}

@test "nodes reach each other by name, and the internet, which sees their addresses" {
  succeeds lab up --nodes 2
  succeeds lab exec node0 -- busybox ping -c 1 -W 2 node1
  succeeds lab exec node1 -- busybox wget -q -O - http://203.0.113.10
  contains "$output" "I see you as 10.89.0.11"
  succeeds lab exec internet -- busybox ping -c 1 -W 2 10.89.0.10
}

@test "kubectl works from the host and from a node" {
  need_program "${KUBECTL:=$REPO/build/clients/kubectl}"
  succeeds lab up --nodes 1
  succeeds env KUBECONFIG="$(lab kubeconfig)" "$KUBECTL" get nodes -o name
  same "$output" node/node0
  succeeds env PATH="${KUBECTL%/*}:$PATH" "$PODWIRE" lab kubectl get nodes -o name
  same "$output" node/node0
  succeeds lab exec node0 -- "$KUBECTL" get nodes -o name
  same "$output" node/node0
  succeeds lab exec node0 -- "$KUBECTL" config view -o 'jsonpath={.clusters[0].cluster.server}'
  same "$output" https://10.89.0.10:6443
}

@test "the host's network namespace is as it was" {
  local before
  before=$(ip -br link; ip route; cat /proc/sys/net/ipv4/ip_forward)
  succeeds lab up --nodes 2
  same "$(ip -br link; ip route; cat /proc/sys/net/ipv4/ip_forward)" "$before"
}

@test "a shell on a node is on that node, and passes its status on" {
  succeeds lab up --nodes 2
  run --separate-stderr lab ssh node1 <<<'hostname; echo $KUBECONFIG; exit 3'
  same "$status" 3
  contains "$output" node1
  contains "$output" /etc/podwire/kubeconfig
}

@test "nodes are added and removed" {
  succeeds lab up --nodes 2
  succeeds lab add-node
  is_ready node2
  succeeds lab add-node edge
  succeeds lab exec node0 -- busybox ping -c 1 -W 2 edge
  succeeds lab rm-node node1
  succeeds lab status -o json
  json "$output" '[.nodes[].name]' '["node0","node2","edge"]'
  fails lab exec node1 -- true
  contains "$stderr" "lab $LAB has node0, node2, edge and internet"
  # The number that has become free is taken again, with its addresses.
  succeeds lab add-node
  succeeds lab status -o json
  json "$output" '.nodes[-1] | [.name, .addresses]' '["node1","10.89.0.11"]'
}

@test "a node that is switched off keeps its disk, and comes back" {
  succeeds lab up --nodes 2
  lab exec node1 -- sh -c 'echo kept >/var/lib/podwire/note; echo kept >/etc/note; echo gone >/run/note'
  local boot
  boot=$(lab exec node1 -- cat /proc/sys/kernel/random/boot_id)
  succeeds lab stop node1
  same "$(node_state node1)" off
  fails lab exec node1 -- true
  contains "$stderr" "podwire lab start node1"
  fails lab exec node0 -- busybox ping -c 1 -W 1 node1
  succeeds lab logs node1
  contains "$output" "ready for pods"
  succeeds lab start node1
  is_ready node1
  succeeds lab exec node1 -- cat /var/lib/podwire/note /etc/note
  same "$output" $'kept\nkept'
  fails lab exec node1 -- cat /run/note
  [[ $(lab exec node1 -- cat /proc/sys/kernel/random/boot_id) != "$boot" ]]
  [[ ! -e /etc/note ]]
}

@test "the node with the API server comes back with all it knew" {
  need_program "${KUBECTL:=$REPO/build/clients/kubectl}"
  succeeds lab up --nodes 2
  local config
  config=$(lab kubeconfig)
  succeeds env KUBECONFIG="$config" "$KUBECTL" create namespace kept
  succeeds lab restart node0
  succeeds env KUBECONFIG="$config" "$KUBECTL" get namespace kept -o name
  same "$output" namespace/kept
}

@test "programs that are killed are started again" {
  succeeds lab up --nodes 2
  local pid
  pid=$(lab exec node1 -- pgrep -f 'podwire agent')
  lab exec node1 -- kill -9 "$pid"
  wait_for is_ready node1
  wait_for eval "[[ \$(lab exec node1 -- pgrep -f 'podwire agent') != $pid ]]"
  pid=$(lab exec node0 -- pgrep -f 'podwire server')
  lab exec node0 -- kill -9 "$pid"
  wait_for eval "KUBECONFIG=$(lab kubeconfig) $REPO/build/clients/kubectl get --raw /readyz"
}

@test "down leaves nothing" {
  succeeds lab up --nodes 2
  local keeper namespaces
  keeper=$(keeper)
  mapfile -t namespaces < <(namespaces_of)
  same "${#namespaces[@]}" 3
  succeeds lab down
  same "$(traces_of "$keeper" "${namespaces[@]}")" ""
  wait_for test ! -e "/proc/$keeper"
  fails lab status
  contains "$stderr" "podwire lab up"
  succeeds lab down
  contains "$stderr" "there is no lab $LAB"
}

@test "a keeper that is killed takes the lab with it, and down removes the rest" {
  succeeds lab up --nodes 2
  local keeper namespaces
  keeper=$(keeper)
  mapfile -t namespaces < <(namespaces_of)
  kill -9 "$keeper"
  wait_for eval "! lab status"
  fails lab status
  contains "$stderr" "podwire lab down"
  succeeds lab list
  contains "$output" "its keeper has ended"
  succeeds lab down
  wait_for eval "[[ -z \$(traces_of $keeper ${namespaces[*]}) ]]"
  same "$(traces_of "$keeper" "${namespaces[@]}")" ""
  # And after a kill without a down, up begins anew.
  succeeds lab up --nodes 1
  kill -9 "$(keeper)"
  succeeds lab up --nodes 1
}

@test "an up that is interrupted leaves nothing" {
  "$PODWIRE" lab up --nodes 30 >/dev/null 2>&1 3>&- &
  local up=$!
  wait_for test -S "$LAB_DIR/control.sock"
  kill -INT "$up"
  wait "$up" || true
  wait_for eval "[[ ! -e $LAB_DIR ]]"
}

@test "two labs live side by side, with the same addresses" {
  succeeds lab up --nodes 1
  succeeds lab up --nodes 1 --name "$LAB-b"
  succeeds lab list
  contains "$output" "$LAB "
  contains "$output" "$LAB-b"
  succeeds lab exec --name "$LAB-b" node0 -- ip -4 -br addr show eth0
  contains "$output" 10.89.0.10/24
  succeeds lab down
  succeeds lab exec --name "$LAB-b" node0 -- true
}

@test "dual stack, IPv6 alone, and two segments with a router" {
  succeeds lab up --nodes 2 --dual-stack --segments 2
  succeeds lab exec node0 -- busybox ping -c 1 -W 2 10.89.1.11
  succeeds lab exec node0 -- ping -6 -c 1 -W 2 fd00:10:89:1::b
  succeeds lab exec node1 -- busybox wget -q -O - 'http://[2001:db8::10]'
  contains "$output" "I see you as fd00:10:89:1::b"
  succeeds lab down
  succeeds lab up --nodes 2 --ipv6
  succeeds lab exec node0 -- ping -6 -c 1 -W 2 fd00:10:89::b
}

@test "footloose's YAML names the nodes; what means nothing here is said" {
  cat >"$BATS_TEST_TMPDIR/footloose.yaml" <<'EOF'
cluster:
  name: ignored-for-the-flag
  privateKey: cluster-key
machines:
- count: 2
  spec:
    image: some/image:1
    name: box%d
    privileged: true
EOF
  succeeds lab up -f "$BATS_TEST_TMPDIR/footloose.yaml" --name "$LAB"
  contains "$stderr" "cluster.privateKey, machines[].spec.image, machines[].spec.privileged"
  succeeds lab status -o json
  json "$output" '[.nodes[].name]' '["box0","box1"]'
}
