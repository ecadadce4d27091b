#!/usr/bin/env bats
# Who reaches whom, and under which address: containers, their host, and a machine outside, in both families.

load helpers
load traffic
load cni_helpers

HOST=(192.0.2.1 2001:db8::1)
OUTSIDE=(192.0.2.2 2001:db8::2)

setup() {
  setup_host
  start_machine outside
  wire host "${HOST[0]}/24" "${HOST[1]}/64" -- outside "${OUTSIDE[0]}/24" "${OUTSIDE[1]}/64"
  serve host -- host 7000
  serve on outside -- outside 7000
}
teardown() { stop_machines; }

# two_pods CONF: a and b, each with a server on port 80.
two_pods() {
  local id
  for id in a b; do
    add "$id" "$1"
    serve in_pod "$id" -- "$id" 80
    serve in_pod "$id" -- "$id" 53 udp
  done
}

# neighbours_and_host: containers see each other and the host by their own addresses.
neighbours_and_host() {
  local family
  for family in 4 6; do
    local a b
    a=$(address_of a "$family") b=$(address_of b "$family")
    same "$(ask in_pod a -- "$b" 80)" "b sees $a"
    same "$(ask in_pod b -- "$a" 53 udp)" "a sees $b"
    succeeds in_pod a ping -c1 -W2 "$b"
    contains "$(ask host -- "$a" 80)" "a sees "
    same "$(ask in_pod a -- "${HOST[family / 2 - 2]}" 7000)" "host sees $a"
  done
}

# way_out: with ipMasq the outside sees the host.
way_out() {
  same "$(ask in_pod a -- "${OUTSIDE[0]}" 7000)" "outside sees ${HOST[0]}"
  same "$(ask in_pod a -- "${OUTSIDE[1]}" 7000)" "outside sees ${HOST[1]}"
}

@test "bridge: neighbours, the host, and out by masquerade" {
  two_pods "$(bridge_conf "$DUAL")"
  neighbours_and_host
  way_out
}

@test "routed: neighbours, the host, and out by masquerade" {
  two_pods "$(routed_conf "$DUAL")"
  neighbours_and_host
  way_out
}

@test "bridge: the ARP entry of a neighbour is its own MAC" {
  two_pods "$(bridge_conf)"
  succeeds in_pod a ping -c1 -W2 "$(address_of b)"
  json "$(in_pod a ip -j neighbour show "$(address_of b)")" '.[0].lladdr' \
    "$(jq -r '.interfaces[2].mac' "$BATS_TEST_TMPDIR/result.b")"
}

@test "without ipMasq the outside sees the container" {
  local kind
  for kind in bridge_conf routed_conf; do
    add "$kind" "$($kind "$DUAL" '.ipMasq=false' ".name=\"$kind\"")"
    local family
    for family in 4 6; do
      local pod
      pod=$(address_of "$kind" "$family")
      on outside ip route replace "$pod" via "${HOST[family / 2 - 2]}"
      same "$(ask in_pod "$kind" -- "${OUTSIDE[family / 2 - 2]}" 7000)" "outside sees $pod"
    done
    del "$kind" "$($kind ".name=\"$kind\"")"
  done
}

@test "the way out ends with the container: its address is masqueraded no more" {
  local c
  c=$(bridge_conf)
  add a "$c"
  contains "$(elements masq4)" 10.22.0.2
  del a "$c"
  same "$(elements)" ""
}

@test "bridge: containers with portIsolation reach the host and the outside but not each other" {
  two_pods "$(bridge_conf "$DUAL" '.portIsolation=true')"
  fails in_pod a ping -c1 -W1 "$(address_of b)"
  fails in_pod a ping -c1 -W1 "$(address_of b 6)"
  same "$(ask in_pod a -- "${HOST[0]}" 7000)" "host sees $(address_of a)"
  way_out
}

@test "internal: a network without an outside" {
  two_pods "$(bridge_conf "$DUAL" '.internal=true')"
  same "$(ask in_pod a -- "$(address_of b)" 80)" "b sees $(address_of a)"
  same "$(ask in_pod a -- "${OUTSIDE[0]}" 7000)" ""
  same "$(ask in_pod a -- "${OUTSIDE[1]}" 7000)" ""
}

@test "the bridge's gateway address and MAC stay, whoever comes and goes" {
  local c mac
  c=$(bridge_conf)
  add a "$c"
  mac=$(host cat /sys/class/net/cni0/address)
  add b "$c"
  del a "$c"
  same "$(host cat /sys/class/net/cni0/address)" "$mac"
  json "$(host ip -j address show cni0)" '[.[0].addr_info[]|select(.family=="inet")|.local]' '["10.22.0.1"]'
  same "$(ask in_pod b -- 10.22.0.1 7000)" "host sees $(address_of b)"
}

@test "forceAddress replaces a bridge's other address; without it that is an error that says both" {
  add a "$(bridge_conf)"
  pod b
  local other
  other=$(bridge_conf '.name="other"' '.ipam.ranges[0][0].subnet="10.99.0.0/16"')
  fails cni ADD b <<<"$other"
  refused 103 cni0
  contains "$(jq -r .msg <<<"$output")" 10.22.0.1
  add b "$(conf "$other" '.forceAddress=true')"
  json "$(host ip -j -4 address show cni0)" '[.[0].addr_info[].local]' '["10.99.0.1"]'
}

@test "mtu: on the bridge and both ends, and told in the result" {
  add a "$(bridge_conf '.mtu=1400')"
  json "$output" '[.interfaces[].mtu]' '[1400,1400,1400]'
  json "$(in_pod a ip -j link show eth0)" '.[0].mtu' 1400
  json "$(host ip -j link show cni0)" '.[0].mtu' 1400
  add b "$(routed_conf '.mtu=1350' '.name="other"')"
  json "$(in_pod b ip -j link show eth0)" '.[0].mtu' 1350
}

@test "a layer-2 network: no ipam, no addresses, the link alone" {
  add a "$(bridge_conf 'del(.ipam)|.isDefaultGateway=false|.ipMasq=false')"
  json "$output" '.ips // []' '[]'
  json "$(in_pod a ip -j link show eth0)" '.[0].operstate' UP
  add b "$(bridge_conf 'del(.ipam)|.isDefaultGateway=false|.ipMasq=false|.disableContainerInterface=true')"
  json "$(in_pod b ip -j link show eth0)" '.[0].operstate' DOWN
}

@test "hairpin and promiscuous mode are set where asked" {
  add a "$(bridge_conf)"
  json "$(host ip -d -j link show master cni0)" '[.[].linkinfo.info_slave_data.hairpin]' '[true]'
  add b "$(bridge_conf '.hairpinMode=false|.promiscMode=true')"
  contains "$(host ip -d -o link show cni0)" "promiscuity 1"
}
