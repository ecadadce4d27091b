# shellcheck shell=bash
# A cluster of machines: the server on "cp", agents on nodes of any name, all on one switch (the machine "lan").
# Needs helpers and server_helpers.

CP=(10.89.0.10 fd89::10)
URL=https://10.89.0.10:6443
CONF_DIR=/run/cni/net.d # of each machine its own
declare -gA AGENT=()    # by node: the agent's process here

# plug MACHINE ADDRESS...: as eth0 into the switch.
plug() {
  local machine=$1 address
  [[ -v MACHINE[lan] ]] || make_switch
  nsenter --target "${MACHINE[$machine]}" --net -- ip link add eth0 type veth peer name "p-$machine" netns "${MACHINE[lan]}"
  on lan ip link set "p-$machine" master br0 up
  on "$machine" sysctl -q net.ipv6.conf.eth0.accept_dad=0
  on "$machine" ip link set eth0 up
  for address in "${@:2}"; do
    local nodad=()
    [[ $address != *:* ]] || nodad=(nodad)
    on "$machine" ip address add "$address" dev eth0 "${nodad[@]}"
  done
}

make_switch() {
  start_machine lan
  on lan ip link add br0 type bridge
  on lan ip link set br0 up
}

# start_control_plane [SERVER OPTIONS...]: and TOKEN is what nodes join with.
start_control_plane() {
  need_root
  start_machine cp
  plug cp "${CP[0]}/24" "${CP[1]}/64"
  start_server --listen 0.0.0.0:6443 "$@"
  TOKEN=$(on cp cat "$DATA/node-token")
}

# start_node NAME NUMBER [AGENT OPTIONS...]: at 10.89.0.NUMBER and fd89::NUMBER.
start_node() {
  start_machine "$1"
  plug "$1" "10.89.0.$2/24" "fd89::$2/64"
  start_agent "$1" "${@:3}"
}

# start_agent NODE [OPTIONS...]: one that joins by TOKEN and has no kubelet beside it.
start_agent() {
  local node=$1
  on "$node" "$PODWIRE" agent --server "$URL" --token "$TOKEN" --node-name "$node" --run-pods \
    --cni-conf-dir "$CONF_DIR" "${@:2}" 3>&- >>"$BATS_TEST_TMPDIR/$node.log" 2>&1 &
  AGENT[$node]=$!
}

# agent_pid NODE: as the machine sees it.
agent_pid() { on "$1" pgrep -f -- "podwire agent"; }

# stop_agent NODE SIGNAL: and wait for its end.
stop_agent() {
  on "$1" pkill "-$2" -f -- "podwire agent"
  wait "${AGENT[$1]}" || true
}

is_ready() { [[ $(field "node/$1" '.status.conditions[?(@.type=="Ready")].status') == True ]]; }
wait_ready() {
  local node
  for node in "$@"; do wait_for is_ready "$node"; done
}

pod_cidr() { field "node/$1" .spec.podCIDR; }

# make_pod NODE NAME: a network namespace, wired by podwire-cni as a runtime with the node's conflist does.
make_pod() {
  on "$1" ip netns add "$2"
  on "$1" jq -c '.plugins[0]+{cniVersion,name}' "$CONF_DIR/10-podwire.conflist" |
    on "$1" env CNI_COMMAND=ADD CNI_CONTAINERID="$2" CNI_NETNS="/run/netns/$2" CNI_IFNAME=eth0 CNI_PATH=/none "$PODWIRE_CNI" \
      >"$BATS_TEST_TMPDIR/pod.$2"
}

# pod_ip NAME [4|6]
pod_ip() {
  local dot=.
  [[ ${2:-4} == 6 ]] && dot=:
  jq -r --arg dot "$dot" '[.ips[].address|select(contains($dot))][0]|split("/")[0]' "$BATS_TEST_TMPDIR/pod.$1"
}

# in_pod NODE POD COMMAND...
in_pod() { on "$1" ip netns exec "${@:2}"; }

# pings NODE POD ADDRESS [PING OPTIONS...]
pings() { in_pod "$1" "$2" ping -q -c1 -W1 "${@:4}" "$3" >/dev/null; }

teardown_cluster() {
  stop_machines
  [[ -n ${BATS_TEST_COMPLETED:-} ]] || tail -n 40 "$BATS_TEST_TMPDIR"/*.log >&2 || true
}
