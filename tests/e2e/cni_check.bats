#!/usr/bin/env bats
# CHECK: well after ADD, and code 102 with the missing thing's name after anything of it was broken.

load helpers
load cni_helpers

setup() { setup_host; }
teardown() { stop_machines; }

# attached CONF: a, whose CHECK is well.
attached() {
  CONF=$1
  add a "$CONF"
  check a "$CONF"
}

# broken PART: CHECK says that PART is gone.
broken() {
  fails cni CHECK a <<<"$(with_prev a "$CONF")"
  refused 102 "$1"
}

@test "an address was removed" {
  attached "$(bridge_conf "$DUAL")"
  in_pod a ip address delete 10.22.0.2/16 dev eth0
  broken 10.22.0.2/16
}

@test "an IPv6 address was removed" {
  attached "$(routed_conf "$DUAL")"
  in_pod a ip address delete fd22::2/128 dev eth0
  broken fd22::2/128
}

@test "a route in the container was removed" {
  attached "$(bridge_conf "$DUAL")"
  in_pod a ip -6 route delete default
  broken "::/0"
}

@test "the container's interface was renamed, or has another MAC" {
  attached "$(bridge_conf)"
  in_pod a ip link set eth0 address 02:00:00:00:00:07
  broken "02:00:00:00:00:07"
  in_pod a ip link set eth0 down
  in_pod a ip link set eth0 name eth7
  broken '"eth0"'
}

@test "the host's end is gone" {
  attached "$(routed_conf)"
  host ip link delete "$(links)"
  fails cni CHECK a <<<"$(with_prev a "$CONF")"
  refused 102 '"eth0"'
}

@test "the host's end is no port of the bridge any more" {
  attached "$(bridge_conf)"
  host ip link set "$(links)" nomaster
  broken '"cni0"'
}

@test "the host's route to a routed container was removed" {
  attached "$(routed_conf "$DUAL")"
  host ip -6 route delete fd22::2
  broken fd22::2
}

@test "the way out was flushed" {
  attached "$(bridge_conf)"
  host nft flush set inet podwire-cni masq4
  broken masq4
}

@test "what the network shares was flushed" {
  attached "$(bridge_conf)"
  host nft flush set inet podwire-cni inside4
  broken inside4
}

@test "a published port was taken away, or leads elsewhere" {
  attached "$(bridge_conf "$(publish 8080 80)")"
  host nft delete element inet podwire-cni published4 '{ tcp . 8080 }'
  broken published4
  host nft add element inet podwire-cni published4 '{ tcp . 8080 : 10.22.0.77 . 80 }'
  broken published4
}

@test "the reservation was removed" {
  attached "$(bridge_conf "$DUAL")"
  host rm /var/lib/cni/networks/net/fd22::2
  broken fd22::2
}

@test "the reservation belongs to somebody else" {
  attached "$(bridge_conf)"
  host bash -c 'printf "other\r\neth0\r\n" >/var/lib/cni/networks/net/10.22.0.2'
  broken 10.22.0.2
}

@test "the record was lost" {
  attached "$(bridge_conf)"
  host rm -r /run/podwire
  broken "record"
}

@test "a shaper was removed, or has another rate" {
  attached "$(bridge_conf '.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":80000,
    "egressRate":4000000,"egressBurst":80000}')"
  local veth
  veth=$(links | grep ^veth)
  host tc qdisc change dev "$veth" root tbf rate 1gbit burst 80000 latency 25ms
  broken ingressRate
  host tc qdisc delete dev "$veth" root
  broken ingressRate
  host tc qdisc add dev "$veth" root tbf rate 8mbit burst 10000 latency 25ms
  check a "$CONF"
  host ip link delete "$(links | grep ^pwbw)"
  broken egressRate
}

@test "a later plugin's changes are none of our business" {
  attached "$(bridge_conf)"
  in_pod a ip address add 10.99.0.1/24 dev eth0
  in_pod a ip route add 10.98.0.0/16 via 10.22.0.9
  in_pod a sysctl -qw net.ipv4.conf.eth0.rp_filter=2
  check a "$CONF"
}
