#!/usr/bin/env bats
# Bad input: always the CNI error object on stdout, the right code, and a sentence that names what is wrong.

load helpers
load cni_helpers

setup() {
  setup_host
  pod a
}
teardown() { stop_machines; }

# rejects CODE PART COMMAND CONF [VARIABLE=VALUE...]: refused, and nothing half-made.
rejects() {
  local code=$1 part=$2 command=$3 config=$4
  shift 4
  fails cni "$command" a "$@" <<<"$config"
  refused "$code" "$part"
  json "$output" 'keys-["details"]' '["cniVersion","code","msg"]'
}

# bad_key CODE PART FILTER...: an ADD with a configuration that is spoilt by the filters.
bad_key() { rejects "$1" "$2" ADD "$(bridge_conf "${@:3}")"; }

@test "4: the environment, each variable by its name" {
  local c
  c=$(bridge_conf)
  rejects 4 CNI_COMMAND "" "$c"
  rejects 4 "CNI_COMMAND: \"FROB\"" FROB "$c"
  rejects 4 CNI_CONTAINERID ADD "$c" CNI_CONTAINERID=
  rejects 4 CNI_CONTAINERID ADD "$c" CNI_CONTAINERID=../x
  rejects 4 CNI_IFNAME ADD "$c" CNI_IFNAME=
  rejects 4 CNI_IFNAME ADD "$c" CNI_IFNAME=a/b
  rejects 4 CNI_IFNAME ADD "$c" CNI_IFNAME=sixteen-letters1
  rejects 4 CNI_NETNS ADD "$c" CNI_NETNS=
  rejects 4 "IP: \"10.22\"" ADD "$c" CNI_ARGS=IP=10.22
  rejects 4 MAC ADD "$c" CNI_ARGS=MAC=01:00:00:00:00:01
  rejects 4 "FLAVOUR is unknown" ADD "$c" CNI_ARGS=FLAVOUR=sweet
  rejects 4 "CNI_CONTAINERID is missing; CNI_IFNAME is missing" ADD "$c" CNI_CONTAINERID= CNI_IFNAME=
  nothing_left
}

@test "6: what is no JSON object" {
  local text
  for text in "" "{" "[]" "3" '{"cniVersion":"1.1.0",}' '{"a":1} x' "$(printf '{"a":"\xff"}')"; do
    rejects 6 "" ADD "$text"
  done
  rejects 6 "File too large" ADD "{\"x\":\"$(head -c 1100000 /dev/zero | tr '\0' x)\"}"
}

@test "1: versions that we do not speak, verbs that a version does not have" {
  bad_key 1 '"2.0.0"' '.cniVersion="2.0.0"'
  bad_key 1 '"0.3"' '.cniVersion="0.3"'
  rejects 1 "CHECK needs 0.4.0" CHECK "$(bridge_conf '.cniVersion="0.3.1"')"
  rejects 1 "GC needs 1.1.0" GC "$(bridge_conf '.cniVersion="1.0.0"')"
  rejects 1 "STATUS needs 1.1.0" STATUS "$(bridge_conf '.cniVersion="1.0.0"')"
}

@test "2: what the CNI project's plugins can do and we do not" {
  bad_key 2 vlan '.vlan=7'
  bad_key 2 vlanTrunk '.vlanTrunk=[{"id":7}]'
  bad_key 2 macspoofchk '.macspoofchk=true'
  nothing_left
}

@test "7: fields with bad values, by their paths" {
  bad_key 7 name 'del(.name)'
  bad_key 7 name '.name="a/b"'
  bad_key 7 type '.type="flannel"|del(.ipam.type)'
  bad_key 7 bridge '.bridge="a/b"'
  bad_key 7 mtu '.mtu="big"'
  bad_key 7 mtu '.mtu=1000' "$V6"
  bad_key 7 isGateway '.isGateway="perhaps"'
  bad_key 7 hairpinMode '.promiscMode=true'
  bad_key 7 link '.type="podwire-cni"|.link="string"'
  bad_key 7 ipam.type '.ipam.type="podwire-portmap"'
  bad_key 7 ipam.ranges 'del(.ipam.ranges)'
  bad_key 7 'ipam.ranges[0][0].subnet' '.ipam.ranges=[[{"subnet":"10.22.0.0/64"}]]'
  bad_key 7 'ipam.ranges[0][0]' '.ipam.ranges=[[{"subnet":"10.22.0.1/16"}]]'
  bad_key 7 'ipam.ranges[0][0]' '.ipam.ranges=[[{"subnet":"10.22.0.0/31"}]]'
  bad_key 7 'ipam.ranges[0][0]' '.ipam.ranges=[[{"subnet":"10.22.0.0/16","rangeStart":"10.23.0.1"}]]'
  bad_key 7 ipam.ranges '.ipam.ranges=[[{"subnet":"10.22.0.0/16"}],[{"subnet":"10.22.1.0/24"}]]'
  bad_key 7 'ipam.routes[0].dst' '.ipam.routes=[{"dst":"everywhere"}]'
  bad_key 7 ipam.dataDir '.ipam.dataDir="relative"'
  bad_key 7 'runtimeConfig.portMappings[0].hostPort' "$(publish 0 80)"
  bad_key 7 'runtimeConfig.portMappings[0].hostPort' "$(publish 65536 80)"
  bad_key 7 'runtimeConfig.portMappings[0].protocol' "$(publish 80 80 icmp)"
  bad_key 7 'runtimeConfig.portMappings[0].hostIP' "$(publish 80 80 tcp nowhere)"
  bad_key 7 'runtimeConfig.portMappings[1]' "$(publish 80 80)" "$(publish 80 81)"
  bad_key 7 runtimeConfig.bandwidth.ingressRate '.runtimeConfig.bandwidth={"ingressRate":1000}'
  bad_key 7 runtimeConfig.mac '.runtimeConfig.mac="ff:ff:ff:ff:ff:ff"'
  bad_key 7 'runtimeConfig.ips[0]' '.runtimeConfig.ips=["10.22"]'
  bad_key 7 10.23.0.9 '.runtimeConfig.ips=["10.23.0.9/16"]'
  bad_key 7 dns.nameservers '.dns.nameservers="10.0.0.1"'
  bad_key 7 disableContainerInterface '.disableContainerInterface=true'
  bad_key 7 podwireDataDir '.podwireDataDir="x"'
  bad_key 7 prevResult '.type="podwire-portmap"'
  rejects 7 prevResult CHECK "$(bridge_conf)"
  rejects 7 'prevResult.ips[0].address' CHECK "$(bridge_conf '.prevResult={"ips":[{"address":"x"}]}')"
  rejects 7 'cni.dev/valid-attachments[0].containerID' GC "$(bridge_conf '."cni.dev/valid-attachments"=[{}]')"
  nothing_left
}

@test "7: an ipam plugin that is nowhere" {
  bad_key 7 '"gone"' '.ipam.type="gone"'
  bad_key 7 ipam.type '.ipam.type="../../bin/sh"'
}

@test "3 and 8: a netns that is not there, is no netns, is the plugin's own" {
  local c
  c=$(bridge_conf)
  rejects 3 "CNI_NETNS" ADD "$c" CNI_NETNS=/run/netns/gone
  host touch /run/file
  rejects 8 "CNI_NETNS" ADD "$c" CNI_NETNS=/run/file
  rejects 8 "CNI_NETNS" ADD "$c" CNI_NETNS=/proc/self/ns/mnt
  rejects 8 "own network namespace" ADD "$c" CNI_NETNS=/proc/self/ns/net
  nothing_left
}

@test "100: the interface exists, and stays as it was" {
  in_pod a ip link add eth0 type veth peer name other
  rejects 100 "CNI_IFNAME: \"eth0\"" ADD "$(bridge_conf)"
  succeeds in_pod a ip link show type veth dev other
  nothing_left
  in_pod a ip link delete eth0
  add a "$(bridge_conf)"
  rejects 100 eth0 ADD "$(bridge_conf)"
  check a "$(bridge_conf)"
}

@test "11: a full pool, named with its numbers; nothing half-made" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"fd22::/64"}],[{"subnet":"10.22.0.0/29","rangeEnd":"10.22.0.4"}]]')
  local id
  for id in p1 p2 p3; do add "$id" "$c"; done
  local before
  before=$(reservations; records; links)
  rejects 11 10.22.0.0/29 ADD "$c"
  same "$(reservations; records; links)" "$before"
  same "$(in_pod a ip -o link | grep -vc ': lo:')" 0
  del p2 "$c"
  add a "$c"
}

@test "11: an address that was asked for is taken" {
  add b "$(bridge_conf '.runtimeConfig.ips=["10.22.0.9"]')"
  rejects 11 10.22.0.9 ADD "$(bridge_conf '.runtimeConfig.ips=["10.22.0.9/16"]')"
}

@test "101: a host port is published already, and by whom; nothing half-made" {
  local id
  add b "$(bridge_conf "$(publish 8080 80)")"
  fails cni ADD a <<<"$(bridge_conf "$(publish 9090 90)" "$(publish 8080 80)")"
  refused 101 8080
  contains "$(jq -r .details <<<"$output")" net/b/eth0
  same "$(elements | grep -c net/a/eth0)" 0
  same "$(records | grep -c :eth0:)" 1
  same "$(reservations | grep -c /10.22)" 1
  json "$(host nft -j list map inet podwire-cni published4)" '[.nftables[].map.elem//[]|length]|add' 1
  # The same port number of another protocol, or on one host address beside all, is another port.
  add c "$(bridge_conf "$(publish 8080 80 udp)")"
  add d "$(bridge_conf "$(publish 8080 80 tcp 192.0.2.1)")"
}

@test "103: the kernel's refusal is told in its own words, and everything is taken back" {
  fails cni ADD a <<<"$(bridge_conf '.ipam.routes=[{"dst":"10.9.0.0/16","gw":"192.0.2.77"}]')"
  refused 103 "route 10.9.0.0/16 via 192.0.2.77"
  contains "$(jq -r .msg <<<"$output")" "invalid gateway"
  nothing_left
}

@test "5: a data directory that cannot be written" {
  host bash -c 'mkdir /run/full && mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /run/full'
  fails cni ADD a <<<"$(bridge_conf '.ipam.dataDir="/run/full"')"
  refused 5 /run/full
  same "$(links)" ""
  fails cni ADD a <<<"$(bridge_conf '.podwireDataDir="/proc/nothing"')"
  refused 5 /proc/nothing
  same "$(reservations)" ""
  same "$(links)" ""
}

@test "errors that a delegate prints are ours" {
  cat >"$CNI_BIN/broken" <<'END'
#!/bin/sh
echo '{"cniVersion":"1.1.0","code":123,"msg":"out of luck","details":"today"}'
echo note >&2
exit 1
END
  cat >"$CNI_BIN/talker" <<'END'
#!/bin/sh
echo '{"ips":[{"address":"300.1.1.1/8"}]}'
END
  chmod +x "$CNI_BIN"/{broken,talker}
  bad_key 123 "out of luck" '.ipam={"type":"broken"}'
  contains "$stderr" note
  bad_key 7 'ips[0].address' '.ipam={"type":"talker"}'
  nothing_left
}

@test "a result that the asked version cannot hold: nothing stays" {
  fails cni ADD a <<<"$(bridge_conf '.cniVersion="0.2.0"' '.ipam={}')"
  refused 7 ips
  nothing_left
  same "$(in_pod a ip -o link | grep -vc ': lo:')" 0
}
