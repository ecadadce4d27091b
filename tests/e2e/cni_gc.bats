#!/usr/bin/env bats
# GC: takes down whatever the runtime does not call valid, and nothing else.

load helpers
load cni_helpers

setup() { setup_host; }
teardown() { stop_machines; }

CONF_FILTER='.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":80000,"egressRate":8000000,"egressBurst":80000}'

# three KIND: a, b and c, each with a published port and shapers.
three() {
  local id port=8080
  for id in a b c; do
    add "$id" "$("$1_conf" "$DUAL" "$CONF_FILTER" "$(publish $port 80)")"
    port=$((port + 1))
  done
}

# gc CONF [ID...]: a GC that calls these valid.
gc() {
  local config=$1
  shift
  succeeds cni GC "" CNI_IFNAME= CNI_NETNS= <<<"$(jq -c \
    '."cni.dev/valid-attachments"=($ARGS.positional|map({containerID:.,ifname:"eth0"}))' --args "$@" <<<"$config")"
  same "$output" ""
}

# holds ID yes|no: files, devices and elements say whether it is there.
holds() {
  local wanted=0
  [[ $2 == yes ]] && wanted=1
  local address
  address=$(address_of "$1")
  same "$(reservations | grep -c "/$address$")" "$wanted"
  same "$(records | grep -c "/$1:eth0:")" "$wanted"
  same "$(elements masq4 | grep -c "\"$address\"")" "$wanted"
  same "$(elements published6 | grep -c "/$1/eth0")" "$wanted"
  same "$(links | grep -c "$(jq -r '[.interfaces[].name|select(startswith("veth"))][0]' \
    "$BATS_TEST_TMPDIR/result.$1" | cut -c5-)")" $((2 * wanted)) # the veth and the ifb
}

@test "bridge: with a list, what is not in it goes; what is in it works on" {
  three bridge
  gc "$(bridge_conf "$DUAL")" b
  holds a no
  holds b yes
  holds c no
  check b "$(bridge_conf "$DUAL" "$CONF_FILTER" "$(publish 8081 80)")"
  gc "$(bridge_conf "$DUAL")" b
  holds b yes
}

@test "routed: with a list, what is not in it goes; what is in it works on" {
  three routed
  gc "$(routed_conf "$DUAL")" a c
  holds a yes
  holds b no
  holds c yes
}

@test "an empty list: nothing is valid" {
  three bridge
  gc "$(bridge_conf "$DUAL")"
  nothing_left
}

@test "without the list: nothing happens" {
  three bridge
  local before
  before=$(reservations; records; links; elements)
  succeeds cni GC "" <<<"$(bridge_conf "$DUAL")"
  same "$(reservations; records; links; elements)" "$before"
}

@test "the list's older name is read, too" {
  three bridge
  succeeds cni GC "" <<<"$(bridge_conf "$DUAL" '."cni.dev/attachments"=[{"containerID":"c","ifname":"eth0"}]')"
  holds a no
  holds c yes
}

@test "an attachment is a container and an interface, not a container alone" {
  local c
  c=$(bridge_conf)
  add a "$c"
  succeeds cni ADD a CNI_IFNAME=net1 <<<"$(bridge_conf '.isDefaultGateway=false')"
  gc "$c" a
  same "$(records)" /run/podwire/cni/net/a:eth0:link
  fails in_pod a ip link show net1
}

@test "another network's attachments are not touched, nor are other devices" {
  add a "$(bridge_conf)"
  add b "$(routed_conf '.name="other"' '.ipam.ranges[0][0].subnet="10.23.0.0/16"')"
  host ip link add vethforeign type veth peer name vethpeer
  gc "$(bridge_conf)"
  same "$(records)" /run/podwire/cni/other/b:eth0:link
  contains "$(links)" vethforeign
  check b "$(routed_conf '.name="other"' '.ipam.ranges[0][0].subnet="10.23.0.0/16"')"
}

@test "goes on where the containers are gone already, and where parts are missing" {
  three bridge
  host ip netns delete a
  host nft flush map inet podwire-cni published4
  host rm /var/lib/cni/networks/net/10.22.0.3
  gc "$(bridge_conf "$DUAL")"
  nothing_left
}

@test "left-over temporary files and illegible files go" {
  add a "$(bridge_conf)"
  host touch /run/podwire/cni/net/.tmp-123 /run/podwire/cni/net/junk /var/lib/cni/networks/net/10.22.0.200
  host touch /var/lib/cni/networks/net/.tmp-podwire
  gc "$(bridge_conf)" a
  same "$(host find /run/podwire /var/lib/cni -name '.tmp*' -o -name junk -o -path '*/net/10.22.0.200')" ""
  check a "$(bridge_conf)"
}

@test "addresses that host-local left behind in the same directory" {
  host mkdir -p /var/lib/cni/networks/net
  host bash -c 'printf "old\r\neth0" >/var/lib/cni/networks/net/10.22.0.2'
  add a "$(bridge_conf)"
  json "$output" '.ips[0].address' 10.22.0.3/16
  gc "$(bridge_conf)" a
  same "$(reservations | grep -c 10.22.0.2)" 0
  check a "$(bridge_conf)"
}
