#!/usr/bin/env bats
# podwire-cni under container runtimes that nobody here wrote: Debian's podman (its CNI backend) and containerd.

load helpers
load traffic
load cni_helpers
load runtimes_helpers

setup_file() { make_image "$BATS_FILE_TMPDIR/image.tar"; }
setup() { setup_runtimes; }
teardown() { teardown_runtimes; }

# reachable NAME: its page by its own addresses, from the host, for a neighbour called b, and it gets out as the host.
reachable() {
  local family address
  for family in 4 6; do
    address=$(address_in "$1" "$family")
    contains "$(page host -- "$address")" "$1 sees "
    same "$(page in_container b -- "$address")" "$1 sees $(address_in b "$family")"
    same "$(page in_container "$1" -- "${OUTSIDE[family / 2 - 2]}" 7000)" "outside sees ${HOST[family / 2 - 2]}"
  done
}

# published NAME PORT: from the outside in both families, and on the host by loopback.
published() {
  local family
  for family in 4 6; do
    same "$(page on outside -- "${HOST[family / 2 - 2]}" "$2")" "$1 sees ${OUTSIDE[family / 2 - 2]}"
  done
  contains "$(page host -- 127.0.0.1 "$2")" "$1 sees "
}

@test "podman, bridge: neighbours, the way out, a published port; nothing is left" {
  setup_podman
  network podwire "$(bridge_conf "$DUAL")"
  podman_web a --network podwire -p 18080:80
  podman_web b --network podwire
  reachable a
  published a 18080
  json "$(podman inspect a)" '.[0].NetworkSettings.Networks.podwire|[.Gateway,.IPAddress,.IPPrefixLen]' \
    '["10.22.0.1","10.22.0.2",16]'
  succeeds podman rm -f -t0 a b
  nothing_left
}

@test "podman, routed: neighbours, the way out, a published port; nothing is left" {
  setup_podman
  network podwire "$(routed_conf "$DUAL")"
  podman_web a --network podwire -p 18080:80
  podman_web b --network podwire
  reachable a
  published a 18080
  succeeds podman rm -f -t0 a b
  nothing_left
}

@test "podman: a container that restarts, and one with an address and a MAC of its choice" {
  setup_podman
  network podwire "$(bridge_conf "$DUAL" '.capabilities.ips=true' '.capabilities.mac=true')"
  podman_web b --network podwire
  podman_web a --network podwire --ip 10.22.7.7 --mac-address 02:00:00:00:07:07 -p 18080:80
  same "$(address_in a 4)" 10.22.7.7
  json "$(in_container a ip -j link show eth0)" '.[0].address' 02:00:00:00:07:07
  succeeds podman restart -t0 a
  podman_pid a
  published a 18080
  same "$(page in_container b -- 10.22.7.7)" "a sees $(address_in b 4)"
  succeeds podman rm -f -t0 a b
  nothing_left
}

@test "podman: a network that cannot be made is told in our words, and nothing is left" {
  setup_podman
  network podwire "$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/30"}]]')"
  podman_web a --network podwire
  fails podman run --rm --cgroup-parent "$CGROUP" --network podwire "$IMAGE"
  contains "$stderr" 10.22.0.0/30
  podman rm -f -t0 -a
  nothing_left
}

@test "containerd: ctr run --cni, bridge; the container's end is the end of its network" {
  setup_containerd
  network podwire "$(bridge_conf "$DUAL")"
  containerd_web a
  containerd_web b
  reachable a
  containerd_end a
  containerd_end b
  nothing_left
}

@test "containerd: ctr run --cni, routed, behind Debian's tuning" {
  setup_containerd
  network podwire "$(routed_conf "$DUAL")" '[{"type":"tuning","sysctl":{"net.ipv4.conf.eth0.rp_filter":"2"}}]'
  containerd_web a
  containerd_web b
  reachable a
  same "$(in_container a cat /proc/sys/net/ipv4/conf/eth0/rp_filter)" 2
  containerd_end a
  containerd_end b
  nothing_left
}
