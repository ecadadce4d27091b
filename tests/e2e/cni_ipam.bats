#!/usr/bin/env bats
# Addresses: several ranges, requested ones, order of use, host-local as a delegate, ours as one.

load helpers
load cni_helpers

setup() { setup_host; }
teardown() { stop_machines; }

@test "one address out of each set; a set's second range when the first is full" {
  local c id
  c=$(routed_conf '.ipam.ranges=[
    [{"subnet":"10.22.1.0/24","rangeStart":"10.22.1.10","rangeEnd":"10.22.1.11","gateway":"10.22.1.254"},
     {"subnet":"10.22.2.0/24"}],
    [{"subnet":"fd22::/64","rangeStart":"fd22::100"}]]')
  add a "$c"
  json "$output" '[.ips[].address]' '["10.22.1.10/32","fd22::100/128"]'
  add b "$c"
  add d "$c"
  json "$output" '[.ips[].address]' '["10.22.2.2/32","fd22::102/128"]'
  for id in a b d; do check "$id" "$c"; done
}

@test "the old spelling: subnet, rangeStart, rangeEnd, gateway beside type" {
  add a "$(bridge_conf '.ipam={"type":"podwire-ipam","subnet":"10.22.0.0/16","rangeStart":"10.22.5.5","rangeEnd":"10.22.5.9","gateway":"10.22.9.9"}')"
  json "$output" '.ips' '[{"interface":2,"address":"10.22.5.5/16","gateway":"10.22.9.9"}]'
}

@test "runtimeConfig.ipRanges" {
  add a "$(bridge_conf 'del(.ipam.ranges)' '.runtimeConfig.ipRanges=[[{"subnet":"10.22.7.0/24"}],[{"subnet":"fd22:7::/64"}]]')"
  json "$output" '[.ips[].address]' '["10.22.7.2/24","fd22:7::2/64"]'
  del a "$(bridge_conf 'del(.ipam.ranges)')"
  nothing_left
}

@test "ipam.routes, with and without gateway" {
  add a "$(bridge_conf '.isDefaultGateway=false|.isGateway=true' \
    '.ipam.routes=[{"dst":"0.0.0.0/0"},{"dst":"10.9.0.0/16","gw":"10.22.0.9"}]')"
  contains "$(in_pod a ip route)" "default via 10.22.0.1 dev eth0"
  contains "$(in_pod a ip route)" "10.9.0.0/16 via 10.22.0.9 dev eth0"
  check a "$(bridge_conf)"
}

@test "a given address: CNI_ARGS < args.cni < runtimeConfig" {
  add a "$(bridge_conf)" CNI_ARGS="IgnoreUnknown=1;IP=10.22.0.50"
  json "$output" '.ips[0].address' 10.22.0.50/16
  add b "$(bridge_conf '.args.cni.ips=["10.22.0.60"]')" CNI_ARGS="IgnoreUnknown=1;IP=10.22.0.51"
  json "$output" '.ips[0].address' 10.22.0.60/16
  add c "$(bridge_conf "$DUAL" '.args.cni.ips=["10.22.0.61"]' '.runtimeConfig.ips=["10.22.0.70/16","fd22::70"]')"
  json "$output" '[.ips[].address]' '["10.22.0.70/16","fd22::70/64"]'
}

@test "a given MAC: CNI_ARGS < args.cni < runtimeConfig" {
  add a "$(bridge_conf)" CNI_ARGS="IgnoreUnknown=true;MAC=02:00:00:00:00:01"
  json "$(in_pod a ip -j link show eth0)" '.[0].address' 02:00:00:00:00:01
  add b "$(bridge_conf '.args.cni.mac="02:00:00:00:00:02"')" CNI_ARGS="IgnoreUnknown=1;MAC=02:00:00:00:00:01"
  json "$(in_pod b ip -j link show eth0)" '.[0].address' 02:00:00:00:00:02
  add c "$(routed_conf '.args.cni.mac="02:00:00:00:00:02"' '.runtimeConfig.mac="02:00:00:00:00:03"')"
  json "$(in_pod c ip -j link show eth0)" '.[0].address' 02:00:00:00:00:03
  json "$(jq -c '.interfaces[-1]' "$BATS_TEST_TMPDIR/result.c")" .mac 02:00:00:00:00:03
}

@test "an address that was given back is not given out again at once" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/29"}]]')
  add a "$c"
  json "$output" '.ips[0].address' 10.22.0.2/29
  del a "$c"
  add a "$c"
  json "$output" '.ips[0].address' 10.22.0.3/29
}

@test "a pool that is all in its cool-down gives out the one that has waited longest" {
  local c wanted
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/29","rangeEnd":"10.22.0.4"}]]')
  for wanted in 2 3 4 2 3; do
    add a "$c"
    json "$output" '.ips[0].address' "10.22.0.$wanted/29"
    del a "$c"
  done
}

@test "dns: from the configuration, the runtime, or resolvConf" {
  host bash -c 'printf "nameserver 192.0.2.53\nsearch a.example b.example\noptions ndots:2\n" >/run/resolv.conf'
  add a "$(bridge_conf '.ipam.resolvConf="/run/resolv.conf"')"
  json "$output" .dns '{"nameservers":["192.0.2.53"],"search":["a.example","b.example"],"options":["ndots:2"]}'
  add b "$(bridge_conf '.ipam.resolvConf="/run/resolv.conf"' '.dns={"nameservers":["192.0.2.54"],"domain":"c.example"}')"
  json "$output" .dns '{"nameservers":["192.0.2.54"],"domain":"c.example"}'
  add c "$(bridge_conf '.dns.nameservers=["192.0.2.54"]' '.runtimeConfig.dns={"servers":["192.0.2.55"],"searches":["d.example"]}')"
  json "$output" .dns '{"nameservers":["192.0.2.55"],"search":["d.example"]}'
}

@test "host-local as ipam plugin: ADD, CHECK, DEL" {
  local c
  c=$(bridge_conf '.cniVersion="1.0.0"' '.ipam={"type":"host-local","ranges":[[{"subnet":"10.33.0.0/24"}],[{"subnet":"fd33::/64"}]],
    "routes":[{"dst":"0.0.0.0/0"}]}')
  add a "$c"
  json "$output" '[.ips[].address]' '["10.33.0.2/24","fd33::2/64"]'
  host test -e /var/lib/cni/networks/net/10.33.0.2
  check a "$c"
  host rm /var/lib/cni/networks/net/10.33.0.2 /var/lib/cni/networks/net/fd33::2
  fails cni CHECK a <<<"$(with_prev a "$c")"
  contains "$(jq -r .msg <<<"$output")" host-local
  del a "$c"
  nothing_left
}

@test "host-local whose pool is full: its error, and nothing half-made" {
  local c
  c=$(bridge_conf '.cniVersion="1.0.0"' '.ipam={"type":"host-local","ranges":[[{"subnet":"10.33.0.0/30"}]]}')
  add a "$c"
  pod b
  fails cni ADD b <<<"$c"
  contains "$(jq -r .msg <<<"$output")" "no IP addresses available"
  same "$(records)" /run/podwire/cni/net/a:eth0:link
  same "$(links | wc -l)" 1
}

@test "host-local's address is given back when the link cannot be made" {
  local c
  c=$(bridge_conf '.cniVersion="1.0.0"' '.ipam={"type":"host-local","ranges":[[{"subnet":"10.33.0.0/24"}]],
    "routes":[{"dst":"10.9.0.0/16","gw":"192.0.2.77"}]}')
  pod a
  fails cni ADD a <<<"$c"
  nothing_left
}

@test "a directory of host-local's is taken over" {
  local c
  c=$(bridge_conf '.cniVersion="1.0.0"' '.ipam={"type":"host-local","ranges":[[{"subnet":"10.22.0.0/16"}]]}')
  add a "$c"
  add b "$(bridge_conf)"
  json "$output" '.ips[0].address' 10.22.0.3/16
  del a "$(bridge_conf)"
  same "$(reservations | grep -c /10.22)" 1
}

@test "podwire-ipam as the ipam plugin of the CNI project's bridge" {
  local c
  c=$(bridge_conf '.cniVersion="1.0.0"' '.type="bridge"' '.ipMasq=false')
  ln -sf "$CNI_DEBIAN/bridge" "$CNI_BIN/bridge"
  cp --remove-destination "$CNI_DEBIAN/bridge" "$CNI_BIN/bridge"
  add a "$c"
  json "$output" '.ips[0].address' 10.22.0.2/16
  succeeds cni CHECK a <<<"$(with_prev a "$c")"
  del a "$(with_prev a "$c")"
  same "$(reservations)" ""
}
