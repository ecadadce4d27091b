#!/usr/bin/env bats
# Published ports: from outside, from the host, from neighbours and from the container itself, in both families.

load helpers
load traffic
load cni_helpers

HOST4=192.0.2.1 HOST6=2001:db8::1
OUTSIDE4=192.0.2.2 OUTSIDE6=2001:db8::2

setup() {
  setup_host
  start_machine outside
  wire host "$HOST4/24" 192.0.2.7/24 "$HOST6/64" -- outside "$OUTSIDE4/24" "$OUTSIDE6/64"
}
teardown() { stop_machines; }

# published CONF...: a with a server on 80 (tcp) and 53 (udp).
published() {
  add a "$(conf "$1" "$DUAL" "$(publish 8080 80)" "$(publish 8053 53 udp)")"
  serve in_pod a -- a 80
  serve in_pod a -- a 53 udp
}

# from_everywhere [LOOPBACK...]: what is published is reached, and the outside's own address is seen.
from_everywhere() {
  same "$(ask on outside -- "$HOST4" 8080)" "a sees $OUTSIDE4"
  same "$(ask on outside -- "$HOST6" 8080)" "a sees $OUTSIDE6"
  same "$(ask on outside -- "$HOST4" 8053 udp)" "a sees $OUTSIDE4"
  same "$(ask on outside -- "$HOST6" 8053 udp)" "a sees $OUTSIDE6"
  same "$(ask on outside -- 192.0.2.7 8080)" "a sees $OUTSIDE4"
  local address
  for address in "$HOST4" "$HOST6" "$@"; do
    contains "$(ask host -- "$address" 8080)" "a sees"
    contains "$(ask host -- "$address" 8053 udp)" "a sees"
  done
  # Not what was not published.
  same "$(ask on outside -- "$HOST4" 8053)" ""
  same "$(ask on outside -- "$HOST4" 80)" ""
}

# from_containers: a neighbour b, and a itself by its own published port.
from_containers() {
  local id address
  for id in b a; do
    for address in "$HOST4" "$HOST6"; do
      contains "$(ask in_pod "$id" -- "$address" 8080)" "a sees"
      contains "$(ask in_pod "$id" -- "$address" 8053 udp)" "a sees"
    done
  done
}

# bridge_netfilter 0|1: do bridged packets pass the host's nftables?
bridge_netfilter() {
  host bash -c "! test -e /proc/sys/net/bridge || echo $1 | tee /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables" >/dev/null
}

@test "routed: published ports from everywhere" {
  published "$(routed_conf)"
  add b "$(routed_conf "$DUAL")"
  from_everywhere 127.0.0.1 ::1
  from_containers
}

@test "bridge: published ports from everywhere" {
  bridge_netfilter 0
  published "$(bridge_conf)"
  add b "$(bridge_conf "$DUAL")"
  from_everywhere 127.0.0.1 ::1
  from_containers
}

@test "bridge with bridge netfilter: published ports from everywhere but ::1" {
  bridge_netfilter 1
  published "$(bridge_conf)"
  add b "$(bridge_conf "$DUAL")"
  from_everywhere 127.0.0.1
  from_containers
}

@test "SCTP ports" {
  host socat -u SCTP4-LISTEN:1,bind=127.0.0.1,accept-timeout=0.1 - 2>/dev/null ||
    host bash -c 'socat -u SCTP4-LISTEN:1,bind=127.0.0.1,accept-timeout=0.1 - 2>&1 | grep -q "not supported"' &&
    skip "this kernel has no SCTP sockets; tests/netns sends SCTP packets of its own"
  add a "$(bridge_conf "$(publish 8080 80 sctp)")"
  in_background in_pod a socat SCTP4-LISTEN:80,fork "SYSTEM:read -r line; echo a"
  sleep 0.5
  same "$(on outside bash -c "echo | socat -t2 - SCTP4:$HOST4:8080,connect-timeout=2")" a
}

@test "hostIP: that address alone; it goes before the port that is published on all" {
  published "$(bridge_conf)"
  add b "$(bridge_conf "$DUAL" "$(publish 8080 80 tcp 192.0.2.7)" "$(publish 9090 80 tcp 127.0.0.1)")"
  serve in_pod b -- b 80
  same "$(ask on outside -- "$HOST4" 8080)" "a sees $OUTSIDE4"
  same "$(ask on outside -- 192.0.2.7 8080)" "b sees $OUTSIDE4"
  contains "$(ask host -- 127.0.0.1 9090)" "b sees"
  same "$(ask on outside -- "$HOST4" 9090)" ""
  same "$(ask host -- "$HOST4" 9090)" ""
}

@test "snat=false leaves the client's address; masqAll hides every client's" {
  add a "$(bridge_conf "$(publish 8080 80)" '.snat=false')"
  serve in_pod a -- a 80
  add b "$(bridge_conf "$(publish 9090 80)" '.masqAll=true')"
  serve in_pod b -- b 80
  same "$(ask on outside -- "$HOST4" 8080)" "a sees $OUTSIDE4"
  same "$(ask on outside -- "$HOST4" 9090)" "b sees 10.22.0.1"
  same "$(elements hairpin4 | grep -c 10.22.0.2)" 0
}

@test "a port is closed with its container, and the others stay open" {
  local c
  c=$(bridge_conf "$(publish 8080 80)")
  add a "$c"
  serve in_pod a -- a 80
  add b "$(bridge_conf "$(publish 9090 80)")"
  serve in_pod b -- b 80
  del a "$(with_prev a "$c")"
  same "$(ask on outside -- "$HOST4" 8080)" ""
  same "$(ask on outside -- "$HOST4" 9090)" "b sees $OUTSIDE4"
}

@test "guarded: from elsewhere only answers and published ports come in" {
  published "$(bridge_conf '.guarded=true')"
  serve on outside -- outside 7000
  on outside ip route add 10.22.0.0/16 via "$HOST4"
  same "$(ask on outside -- "$(address_of a)" 80)" ""
  same "$(ask on outside -- "$HOST4" 8080)" "a sees $OUTSIDE4"
  same "$(ask in_pod a -- "$OUTSIDE4" 7000)" "outside sees $HOST4"
}

@test "internal: not even a published port leads in" {
  published "$(bridge_conf '.internal=true')"
  same "$(ask on outside -- "$HOST4" 8080)" ""
}

# talk FILE: from one fixed port a datagram each 0.1 s to the host's port 8053; what comes back goes to FILE.
talk() {
  in_background on outside bash -c "while sleep 0.1; do echo hello; done |
    socat - UDP4:$HOST4:8053,sourceport=4242,bind=$OUTSIDE4 >$1"
}

@test "a UDP flow that was there before the mapping goes to the container; after its end to the next one" {
  local c
  c=$(bridge_conf "$(publish 8053 53 udp)")
  # Something on the host answers first, so that the flow is an established one.
  serve host -- host 8053 udp
  talk "$BATS_TEST_TMPDIR/heard"
  wait_for grep -q "host sees" "$BATS_TEST_TMPDIR/heard"
  pod a
  serve in_pod a -- a 53 udp
  add a "$c"
  wait_for grep -q "a sees $OUTSIDE4" "$BATS_TEST_TMPDIR/heard"

  pod b
  serve in_pod b -- b 53 udp
  del a "$(with_prev a "$c")"
  add b "$c"
  wait_for grep -q "b sees $OUTSIDE4" "$BATS_TEST_TMPDIR/heard"
}

@test "who flushes all of nft's rules gets them back with the next ADD" {
  add a "$(bridge_conf "$(publish 8080 80)")"
  serve in_pod a -- a 80
  host nft flush ruleset
  fails cni CHECK a <<<"$(with_prev a "$(bridge_conf "$(publish 8080 80)")")"
  refused 102 "nft set"
  add b "$(bridge_conf "$(publish 9090 80)")"
  serve in_pod b -- b 80
  same "$(ask on outside -- "$HOST4" 9090)" "b sees $OUTSIDE4"
  del a "$(bridge_conf)"
}
