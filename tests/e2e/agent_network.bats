#!/usr/bin/env bats
# podwire agent: nodes join, and their pods reach each other, whatever others do to the kernel.

load helpers
load server_helpers
load agent_helpers

setup() { start_control_plane; }
teardown() { teardown_cluster; }

# two_nodes [AGENT OPTIONS...]: n1 with pod a, n2 with pod b, and all is well between them.
two_nodes() {
  start_node n1 11 "$@"
  start_node n2 12 "$@"
  wait_ready n1 n2
  make_pod n1 a
  make_pod n2 b
  wait_for pings n1 a "$(pod_ip b)"
  pings n2 b "$(pod_ip a)"
}

# heals NODE COMMAND...: what it breaks comes back within a second.
heals() {
  local node=$1
  shift
  succeeds on "$node" "$@"
  wait_up_to 1 pings n1 a "$(pod_ip b)" || { echo "not healed after: $*" >&2; on "$node" ip route >&2; return 1; }
}

@test "nodes join by token; pods of two nodes reach each other by plain routes" {
  two_nodes
  contains "$(on n1 ip route show "$(pod_cidr n2)")" "via 10.89.0.12 dev eth0"
  same "$(field node/n1 '.status.conditions[?(@.type=="NetworkUnavailable")].status')" False
  same "$(field node/n1 '.status.addresses[*].address')" "10.89.0.11 fd89::11 n1"
  wait_for kubectl get lease -n kube-node-lease n1
  same "$(kubectl get lease -n kube-node-lease n1 -o 'jsonpath={.spec.holderIdentity} {.metadata.ownerReferences[0].kind}')" "n1 Node"
}

@test "pods of two nodes reach each other by VXLAN, with full-size packets and their own addresses" {
  two_nodes --backend vxlan
  contains "$(on n1 ip route show "$(pod_cidr n2)")" "dev flannel.1"
  pings n1 a "$(pod_ip b)" -M "do" -s 1422 # 1500 - 50 (VXLAN) - 28 (IP, ICMP)
  run -1 pings n1 a "$(pod_ip b)" -M "do" -s 1423
  in_pod n2 b timeout 5 tcpdump -c1 -ni eth0 icmp >"$BATS_TEST_TMPDIR/seen" 2>"$BATS_TEST_TMPDIR/seen.err" 3>&- &
  local dump=$!
  wait_for grep -q listening "$BATS_TEST_TMPDIR/seen.err"
  wait_for pings n1 a "$(pod_ip b)"
  wait "$dump" || true
  contains "$(cat "$BATS_TEST_TMPDIR/seen")" "$(pod_ip a) > $(pod_ip b)"
}

@test "what others break comes back within a second" {
  two_nodes --backend vxlan
  local cidr mac
  cidr=$(pod_cidr n2)
  mac=$(on n2 cat /sys/class/net/flannel.1/address)
  heals n1 ip route del "$cidr"
  heals n1 ip route replace blackhole "$cidr"
  heals n1 ip neigh del "${cidr%/*}" dev flannel.1
  heals n1 bridge fdb del "$mac" dev flannel.1
  heals n1 ip link set flannel.1 down
  heals n1 ip link del flannel.1
  heals n1 ip link set flannel.1 address 02:00:00:00:00:01
  heals n1 ip address flush dev flannel.1
  heals n1 sysctl -q net.ipv4.ip_forward=0
  succeeds on n1 sysctl -q net.ipv4.conf.flannel/1.rp_filter=1
  wait_up_to 1 eval '[[ $(on n1 sysctl -n net.ipv4.conf.flannel/1.rp_filter) == 2 ]]'
  heals n1 bash -c "ip link set eth0 down; ip link set eth0 up"
  same "$(on n1 bash -c 'ip -j route show proto 88 | jq length')" 1
  same "$(on n1 bash -c 'bridge -j fdb show dev flannel.1 | jq length')" 1
}

@test "pods leave the cluster under their node's address, and only then; a flushed table comes back" {
  two_nodes
  start_machine outside
  plug outside 10.89.0.99/24
  sees_as() { # WANTED: whom the outside sees when a pings it
    local seen=$BATS_TEST_TMPDIR/outside.$RANDOM
    on outside timeout 5 tcpdump -lnc1 -i eth0 'icmp[0]==8' >"$seen" 2>"$seen.err" 3>&- &
    local dump=$!
    wait_for grep -q listening "$seen.err"
    in_pod n1 a ping -q -c1 -W1 10.89.0.99 >/dev/null || true
    wait "$dump"
    contains "$(cat "$seen")" "IP $1 > 10.89.0.99"
  }
  sees_as 10.89.0.11
  succeeds on n1 nft delete table inet podwire
  wait_up_to 1 on n1 nft list table inet podwire
  sees_as 10.89.0.11
  succeeds on n1 nft flush table inet podwire
  wait_up_to 1 eval 'on n1 nft list table inet podwire | grep -q "jump leave_cluster"'
  sees_as 10.89.0.11
  succeeds on n1 nft flush set inet podwire masq4
  wait_up_to 1 eval 'on n1 nft list set inet podwire masq4 | grep -q elements'
  # Between pods, and to nodes that know the way back, the address stays.
  in_pod n2 b timeout 5 tcpdump -lnc1 -i eth0 icmp >"$BATS_TEST_TMPDIR/seen" 2>/dev/null 3>&- &
  local dump=$!
  wait_for pings n1 a "$(pod_ip b)"
  wait "$dump"
  contains "$(cat "$BATS_TEST_TMPDIR/seen")" "IP $(pod_ip a) > $(pod_ip b)"
}

@test "kill -9 and restart interrupt nothing and change nothing" {
  two_nodes --backend vxlan
  local before log=$BATS_TEST_TMPDIR/pings
  before=$(on n1 bash -c 'ip -d link show flannel.1; ip route; ip neigh show nud permanent; bridge fdb show dev flannel.1; nft list table inet podwire')
  in_pod n1 a ping -q -i 0.02 -c 200 "$(pod_ip b)" >"$log" 3>&- &
  local ping=$!
  stop_agent n1 KILL
  start_agent n1 --backend vxlan
  stop_agent n2 TERM
  start_agent n2 --backend vxlan
  wait_for eval '(($(grep -c "is ready for pods" "$BATS_TEST_TMPDIR/n1.log") == 2))'
  wait "$ping"
  contains "$(cat "$log")" " 0% packet loss"
  same "$(on n1 bash -c 'ip -d link show flannel.1; ip route; ip neigh show nud permanent; bridge fdb show dev flannel.1; nft list table inet podwire')" "$before"
}

@test "a node that goes leaves no entry behind, and is reached again when it is back under another address" {
  two_nodes --backend vxlan
  stop_agent n2 TERM
  succeeds kubectl delete node n2
  wait_for eval '[[ -z $(on n1 ip route show proto 88) ]]'
  same "$(on n1 bridge fdb show dev flannel.1)" ""
  same "$(on n1 ip neigh show dev flannel.1 nud permanent)" ""
  on n2 ip address del 10.89.0.12/24 dev eth0
  on n2 ip address add 10.89.0.22/24 dev eth0
  start_agent n2 --backend vxlan
  wait_ready n2
  wait_for eval '[[ $(on n1 bridge fdb show dev flannel.1) == *"dst 10.89.0.22"* ]]'
  same "$(on n1 bash -c 'bridge -j fdb show dev flannel.1 | jq length')" 1
}

@test "an address that changes under the agent is told to all" {
  two_nodes
  on n2 ip address del 10.89.0.12/24 dev eth0
  on n2 ip address add 10.89.0.22/24 dev eth0
  wait_up_to 30 eval '[[ $(on n1 ip route show "$(pod_cidr n2)") == *"via 10.89.0.22"* ]]'
  wait_for pings n1 a "$(pod_ip b)"
  same "$(on n1 bash -c 'ip -j route show proto 88 | jq length')" 1
}

# status_of NODE: what a runtime of CNI 1.1 is told.
status_of() {
  on "$1" jq -c '.plugins[0]+{name,cniVersion:"1.1.0"}' "$CONF_DIR/10-podwire.conflist" |
    on "$1" env CNI_COMMAND=STATUS CNI_PATH=/none "$PODWIRE_CNI"
}

@test "STATUS of the plugin is the agent's: ready, and 51 when there is none any more" {
  start_node n1 11
  wait_ready n1
  succeeds status_of n1
  stop_agent n1 KILL
  fails status_of n1
  json "$output" .code 51
  start_agent n1
  wait_for status_of n1
}
