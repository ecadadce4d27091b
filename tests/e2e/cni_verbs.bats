#!/usr/bin/env bats
# ADD, DEL, CHECK, STATUS and VERSION as a runtime sees them: results in every version, and the kernel as they say.

load helpers
load cni_helpers

setup() { setup_host; }
teardown() { stop_machines; }

# kernel_agrees ID: what the result says about addresses, MACs, MTU and routes is so.
kernel_agrees() {
  local id=$1 result line
  result=$(cat "$BATS_TEST_TMPDIR/result.$id")
  local inside
  inside=$(in_pod "$id" ip -j address show eth0)
  for line in $(jq -r '.ips[].address' <<<"$result"); do
    contains " $(jq -r '.[].addr_info[]|"\(.local)/\(.prefixlen)"' <<<"$inside" | tr '\n' ' ')" " $line "
  done
  json "$inside" '.[0].address' "$(jq -r '.interfaces[]|select(.sandbox)|.mac' <<<"$result")"
  json "$inside" '.[0].mtu' "$(jq -r '.interfaces[]|select(.sandbox)|.mtu' <<<"$result")"
  local host_links
  host_links=$(host ip -j link)
  for line in $(jq -r '.interfaces[]|select(.sandbox|not)|"\(.name)=\(.mac)"' <<<"$result"); do
    json "$host_links" ".[]|select(.ifname==\"${line%%=*}\")|.address" "${line#*=}"
  done
  for line in $(jq -r '.routes[]|"\(.dst)=\(.gw)"' <<<"$result"); do
    contains "$(in_pod "$id" ip route; in_pod "$id" ip -6 route)" \
      "$(sed -E 's|^(0.0.0.0/0\|::/0)|default|; s|=| via |' <<<"$line") dev eth0"
  done
}

# life CONF: the whole life of an attachment, and then nothing is left.
life() {
  add a "$1"
  kernel_agrees a
  check a "$1"
  del a "$(with_prev a "$1")"
  host test -e /run/netns/a
  fails in_pod a ip link show eth0
  nothing_left
}

@test "bridge, IPv4: ADD, CHECK, DEL" {
  life "$(bridge_conf)"
}

@test "bridge, IPv6: ADD, CHECK, DEL" {
  life "$(bridge_conf "$V6")"
}

@test "bridge, dual stack: ADD, CHECK, DEL" {
  life "$(bridge_conf "$DUAL")"
}

@test "routed, IPv4: ADD, CHECK, DEL" {
  life "$(routed_conf)"
}

@test "routed, IPv6: ADD, CHECK, DEL" {
  life "$(routed_conf "$V6")"
}

@test "routed, dual stack: ADD, CHECK, DEL" {
  life "$(routed_conf "$DUAL")"
}

@test "addresses are ready to use when ADD returns: no duplicate address detection" {
  add a "$(routed_conf "$DUAL")"
  same "$(in_pod a ip -6 address show dev eth0 scope global tentative)" ""
  add b "$(bridge_conf "$DUAL" '.name="bridged"' '.ipam.ranges=[[{"subnet":"fd23::/64"}]]')"
  same "$(in_pod b ip -6 address show dev eth0 scope global tentative)" ""
}

@test "VERSION lists all versions, with and without a configuration" {
  succeeds cni VERSION "" </dev/null
  json "$output" .supportedVersions '["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]'
  json "$output" .cniVersion 1.1.0
  succeeds cni VERSION "" <<<'{"cniVersion":"0.4.0"}'
  json "$output" .cniVersion 0.4.0
}

@test "the result has the shape of the version that the configuration asks for" {
  local version
  for version in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
    local c
    c=$(bridge_conf "$DUAL" ".cniVersion=\"$version\"" '.dns.nameservers=["10.22.0.1"]')
    add a "$c"
    json "$output" .cniVersion "$version"
    json "$output" .dns.nameservers '["10.22.0.1"]'
    case $version in
      0.1.0 | 0.2.0)
        json "$output" 'keys' '["cniVersion","dns","ip4","ip6"]'
        json "$output" '.ip4|keys' '["gateway","ip","routes"]'
        json "$output" '.ip4.gateway' 10.22.0.1
        contains "$(jq -r .ip4.ip <<<"$output")" /16
        json "$output" '.ip6.routes' '[{"dst":"::/0","gw":"fd22::1"}]'
        ;;
      0.3.* | 0.4.0)
        json "$output" '[.ips[].version]' '["4","6"]'
        json "$output" '[.ips[].interface]' '[2,2]'
        json "$output" '[.interfaces[]|keys-["sandbox"]]|unique' '[["mac","name"]]'
        ;;
      1.0.0)
        json "$output" '[.ips[].version]' '[null,null]'
        ;; # what 1.1.0 added to interfaces may be there too: libcni has one structure for both
      1.1.0)
        json "$output" '[.interfaces[].mtu]|unique' '[1500]'
        ;;
    esac
    [[ $version < 0.4.0 ]] || check a "$c"
    del a "$c"
  done
  nothing_left
}

@test "a configuration without cniVersion is of 0.1.0" {
  add a "$(bridge_conf 'del(.cniVersion)')"
  json "$output" .cniVersion 0.1.0
  json "$output" 'has("ip4")' true
}

@test "keys match without regard to case, as Go's plugins read them" {
  add a "$(bridge_conf '.IPMASQ=.ipMasq|del(.ipMasq)' '.Ipam=.ipam|del(.ipam)' '.unknownKey={"x":[1]}')"
  contains "$(elements masq4)" 10.22.0.2
}

@test "STATUS: ready; 50 with the pool's numbers when it is full" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/30"}]]')
  succeeds cni STATUS "" <<<"$c"
  same "$output" ""
  add a "$c"
  fails cni STATUS "" <<<"$c"
  refused 50 10.22.0.0/30
}

@test "DEL twice, without prevResult, without a netns, after the netns is gone" {
  local c
  c=$(bridge_conf "$DUAL" "$(publish 8080 80)")
  add a "$c"
  del a "$c"
  del a "$c"
  del never "$c" CNI_NETNS=
  add a "$c"
  del a "$c" CNI_NETNS=
  nothing_left
  add a "$c"
  host ip netns delete a
  del a "$(with_prev a "$c")"
  nothing_left
}

@test "DEL finds what an attachment has though its record is lost" {
  local c
  c=$(routed_conf "$DUAL")
  add a "$c"
  host rm -r /run/podwire
  del a "$c"
  same "$(reservations)" ""
  same "$(links)" ""
}

@test "DEL succeeds with a configuration whose parts it does not need are bad" {
  add a "$(bridge_conf)"
  del a "$(bridge_conf '.mtu="big"' '.ipam.ranges="none"' '.runtimeConfig.portMappings=3' '.prevResult=[]')"
  nothing_left
}

@test "two interfaces of one container, and one name on two networks" {
  local c d
  c=$(bridge_conf)
  d=$(bridge_conf '.name="other"' '.bridge="br1"' '.ipam.ranges[0][0].subnet="10.23.0.0/16"' '.isDefaultGateway=false')
  add a "$c"
  succeeds cni ADD a CNI_IFNAME=net1 <<<"$d"
  json "$output" '.ips[0].address' 10.23.0.2/16
  del a "$c"
  succeeds in_pod a ip link show net1
  contains "$(reservations)" other/10.23.0.2
  del a "$d" CNI_IFNAME=net1
  same "$(reservations)" ""
}

@test "ADD after a reboot that lost the devices but not the files" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/30"}]]')
  add a "$c"
  reboot_host
  add b "$c"
  json "$output" '.ips[0].address' 10.22.0.2/30
}

@test "the loopback plugin brings lo up and reports it" {
  pod a
  local c='{"cniVersion":"1.0.0","name":"cni-loopback","type":"podwire-loopback"}'
  add a "$c" CNI_IFNAME=lo
  json "$output" '[.ips[].address]' '["127.0.0.1/8","::1/128"]'
  json "$output" '.interfaces[0]|del(.mac)' '{"name":"lo","sandbox":"/run/netns/a"}'
  succeeds in_pod a ping -c1 -W2 127.0.0.1
  succeeds cni CHECK a CNI_IFNAME=lo <<<"$(with_prev a "$c")"
  del a "$c" CNI_IFNAME=lo
  del a "$c" CNI_IFNAME=lo CNI_NETNS=
}
