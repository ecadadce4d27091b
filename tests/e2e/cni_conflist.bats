#!/usr/bin/env bats
# Lists of plugins as a runtime runs them: podwire-cni in every place, before, after and instead of the CNI project's.

load helpers
load traffic
load cni_helpers
load cni_chain

setup() {
  setup_host
  start_machine outside
  wire host 192.0.2.1/24 2001:db8::1/64 -- outside 192.0.2.2/24 2001:db8::2/64
  # The CNI project's own example of bridge, host-local and portmap.
  UPSTREAM='{"cniVersion":"1.0.0","name":"net","plugins":[
    {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"hairpinMode":true,
     "ipam":{"type":"host-local","ranges":[[{"subnet":"10.22.0.0/16"}],[{"subnet":"fd22::/64"}]],
             "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}},
    {"type":"portmap","capabilities":{"portMappings":true},"snat":true}]}'
  CAPABILITIES='{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}'
  host mkdir -p /run/lock
}
teardown() { stop_machines; }

# works LIST: a container with a published port, seen from outside, from the host, from a neighbour; then nothing.
works() {
  local list=$1
  chain_add a "$list" "$CAPABILITIES"
  json "$output" '.ips|length' 2
  # The CNI project's bridge has to find out for some seconds that its own address is its own.
  wait_for host bash -c '! ip -6 -o address show tentative | grep -q .'
  local address
  address=$(address_of a)
  serve in_pod a -- a 80
  same "$(ask on outside -- 192.0.2.1 8080)" "a sees 192.0.2.2"
  same "$(ask on outside -- 2001:db8::1 8080)" "a sees 2001:db8::2"
  contains "$(ask host -- 127.0.0.1 8080)" "a sees"
  serve on outside -- outside 7000
  same "$(ask in_pod a -- 192.0.2.2 7000)" "outside sees 192.0.2.1"
  chain_add b "$list" '{}'
  same "$(ask in_pod b -- "$address" 80)" "a sees $(address_of b)"
  contains "$(ask in_pod b -- 192.0.2.1 8080)" "a sees"
  # Debian's portmap looks for the rules of both families under the first address and fails a good dual-stack CHECK.
  if [[ $list != *'"portmap"'* ]]; then
    chain_check a
    chain_check b
  fi
  chain_del a
  chain_del a
  same "$(ask on outside -- 192.0.2.1 8080)" ""
  chain_del b
  nothing_left
}

@test "the peer itself, as a measure for this file: bridge, host-local, portmap" {
  need_program iptables
  works "$UPSTREAM"
}

@test "the same list with podwire-cni throughout" {
  works "$(jq -c '(.plugins[].type,.plugins[].ipam?.type?)|=(if . then "podwire-cni" else empty end)' <<<"$UPSTREAM")"
}

@test "the same list with podwire-bridge, podwire-ipam and podwire-portmap" {
  works "$(jq -c '.plugins[0].type="podwire-bridge"|.plugins[0].ipam.type="podwire-ipam"|
    .plugins[1].type="podwire-portmap"' <<<"$UPSTREAM")"
}

@test "in every cniVersion that knows lists" {
  local version
  for version in 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
    local list
    list=$(jq -c --arg version "$version" '.cniVersion=$version|.plugins[0].type="podwire-bridge"|
      .plugins[0].ipam.type="podwire-ipam"|.plugins[1].type="podwire-portmap"' <<<"$UPSTREAM")
    chain_add a "$list" "$CAPABILITIES"
    json "$output" .cniVersion "$version"
    [[ $version < 0.4.0 ]] || chain_check a
    chain_del a
  done
  nothing_left
}

@test "our link with the CNI project's portmap" {
  need_program iptables
  works "$(jq -c '.plugins[0].type="podwire-bridge"|.plugins[0].ipam.type="podwire-ipam"' <<<"$UPSTREAM")"
}

@test "the CNI project's link with our ports" {
  need_program iptables
  works "$(jq -c '.plugins[1].type="podwire-portmap"' <<<"$UPSTREAM")"
}

@test "our link and ports with host-local's addresses" {
  works "$(jq -c '.plugins[0].type="podwire-bridge"|.plugins[1].type="podwire-portmap"' <<<"$UPSTREAM")"
}

@test "a routed link with ports, in one entry and in two" {
  works '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"podwire-cni","link":"routed","ipMasq":true,
    "capabilities":{"portMappings":true},"ipam":{"ranges":[[{"subnet":"10.22.0.0/16"}],[{"subnet":"fd22::/64"}]]}}]}'
  works '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"podwire-cni","link":"routed","ipMasq":true,
    "ipam":{"ranges":[[{"subnet":"10.22.0.0/16"}],[{"subnet":"fd22::/64"}]]}},
    {"type":"podwire-cni","capabilities":{"portMappings":true}}]}'
}

# between BEFORE AFTER: our bridge port with these entries before and after it.
between() {
  jq -c --argjson before "$1" --argjson after "$2" '.plugins[0].type="podwire-bridge"|
    .plugins[0].ipam.type="podwire-ipam"|.plugins[1].type="podwire-portmap"|
    .plugins=[.plugins[0]]+$before+[.plugins[1]]+$after' <<<"$UPSTREAM"
}

@test "tuning behind us, between us: what it sets is there, and CHECK bears it" {
  local tuning='{"type":"tuning","sysctl":{"net.ipv4.conf.eth0.rp_filter":"2"},"mac":"02:00:00:00:00:77","mtu":1400}'
  local list
  for list in "$(between "[$tuning]" '[]')" "$(between '[]' "[$tuning]")"; do
    chain_add a "$list" "$CAPABILITIES"
    same "$(in_pod a cat /proc/sys/net/ipv4/conf/eth0/rp_filter)" 2
    json "$output" '[.interfaces[]|select(.sandbox)|.mac]' '["02:00:00:00:00:77"]'
    chain_check a
    chain_del a
  done
  works "$(between '[]' '[{"type":"tuning","sysctl":{"net.ipv4.conf.eth0.rp_filter":"2"}}]')"
}

@test "loopback before us" {
  local list
  list=$(jq -c '.plugins=[{"type":"podwire-bridge","bridge":"cni0","isGateway":true,"ipMasq":true,
    "ipam":{"type":"podwire-ipam","ranges":[[{"subnet":"10.22.0.0/16"}]]}}]' <<<"$UPSTREAM")
  chain_add a '{"cniVersion":"1.0.0","name":"cni-loopback","plugins":[{"type":"loopback"}]}' '{}' lo
  chain_add a "$list" '{}'
  chain_check a
  chain_del a
  chain_del a lo
  nothing_left
}

@test "our loopback beside the CNI project's link" {
  chain_add a '{"cniVersion":"1.0.0","name":"cni-loopback","plugins":[{"type":"podwire-loopback"}]}' '{}' lo
  chain_add a "$(jq -c '.plugins=[.plugins[0]|.ipMasq=false]' <<<"$UPSTREAM")" '{}'
  succeeds in_pod a ping -c1 -W2 127.0.0.1
  chain_del a
  chain_del a lo
}

@test "firewall behind us" {
  need_program iptables
  works "$(between '[{"type":"firewall","backend":"iptables"}]' '[]')"
  works "$(between '[]' '[{"type":"firewall","backend":"iptables"}]')"
}

@test "the CNI project's bandwidth behind us, ours behind its bridge" {
  need_program iptables
  local rates='"ingressRate":8000000,"ingressBurst":80000,"egressRate":8000000,"egressBurst":80000'
  chain_add a "$(jq -c '.plugins=[.plugins[0]]' <<<"$UPSTREAM" |
    jq -c --argjson more "{\"type\":\"podwire-bandwidth\",$rates}" '.plugins+=[$more]')" '{}'
  same "$(links | grep -c ^pwbw)" 1
  chain_check a
  chain_del a
  same "$(links)" ""
  # Its own egress needs a classifier that not every kernel has.
  chain_add a "$(between '[{"type":"bandwidth","ingressRate":8000000,"ingressBurst":80000}]' '[]')" "$CAPABILITIES"
  contains "$(host tc qdisc show dev "$(links | grep ^veth)")" "rate 8Mbit"
  chain_del a
  nothing_left
}

@test "ports and bandwidth as two entries of ours: the first DEL does not harm the second" {
  local list
  list=$(between '[{"type":"podwire-bandwidth","capabilities":{"bandwidth":true}}]' '[]')
  chain_add a "$list" "$(jq -c '.bandwidth={"ingressRate":8000000,"ingressBurst":80000,"egressRate":8000000,"egressBurst":80000}' <<<"$CAPABILITIES")"
  same "$(links | grep -c ^pwbw)" 1
  contains "$(elements published4)" 8080
  chain_check a
  chain_del a
  nothing_left
}

@test "a chain whose later plugin fails is undone by DEL" {
  cat >"$CNI_BIN/fails" <<'END'
#!/bin/sh
[ "$CNI_COMMAND" = DEL ] || { echo '{"cniVersion":"1.0.0","code":999,"msg":"no"}'; exit 1; }
END
  chmod +x "$CNI_BIN/fails"
  fails chain_add a "$(between '[]' '[{"type":"fails"}]')" "$CAPABILITIES"
  chain_del a
  nothing_left
}

@test "GC of a list reaches every entry of ours" {
  local list
  list=$(jq -c '.cniVersion="1.1.0"' <<<"$(between '[]' '[]')")
  chain_add a "$list" "$CAPABILITIES"
  chain_add b "$list" '{}'
  chain_gc "$list" b
  same "$(elements published4)" ""
  same "$(records)" /run/podwire/cni/net/b:eth0:link
  chain_gc "$list"
  nothing_left
}
