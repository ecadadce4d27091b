#!/usr/bin/env bats
# Bandwidth: token buckets on the host's side, both ways, that really drop what is too much.

load helpers
load traffic
load cni_helpers

setup() {
  setup_host
  host ip address add 10.99.0.1/32 dev lo # the host's own address
  host ip address add fd99::1/128 dev lo
  # 8 Mbit/s into the container, 4 Mbit/s out of it.
  LIMITS='.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":320000,"egressRate":4000000,"egressBurst":160000}'
}
teardown() { stop_machines; }

# bucket DEVICE: rate in bytes per second and burst in bytes of its root tbf.
bucket() { host tc -j qdisc show dev "$1" root | jq -cr '.[0]|[.kind,.options.rate,.options.burst]'; }

# drops DEVICE: packets that the bucket has dropped.
drops() { host tc -s -j qdisc show dev "$1" root | jq '.[0].drops'; }

veth() { links | grep ^veth; }
ifb() { links | grep ^pwbw; }

# flood MACHINE-COMMAND... -- ADDRESS: 4 MB of datagrams at once.
flood() {
  local where=()
  while [[ $1 != -- ]]; do where+=("$1"); shift; done
  "${where[@]}" bash -c "head -c 4000000 /dev/zero | socat -u -b 1400 - UDP4-SENDTO:$2:9" || true
}

shapes() {
  local c=$1
  add a "$c"
  json "$(bucket "$(veth)")" . '["tbf",1000000,40000]'
  json "$(bucket "$(ifb)")" . '["tbf",500000,20000]'
  check a "$c"

  in_background in_pod a socat -u UDP4-RECV:9 OPEN:/dev/null
  same "$(drops "$(veth)")" 0
  flood host -- "$(address_of a)"
  (($(drops "$(veth)") > 1000))
  same "$(drops "$(ifb)")" 0
  flood in_pod a -- 10.99.0.1
  (($(drops "$(ifb)") > 1000))

  del a "$c"
  nothing_left
}

@test "bridge: both ways are limited, and only there" {
  shapes "$(bridge_conf "$LIMITS")"
}

@test "routed: both ways are limited, and only there" {
  shapes "$(routed_conf "$LIMITS")"
}

@test "traffic passes the shapers" {
  add a "$(routed_conf "$DUAL" "$LIMITS")"
  serve in_pod a -- a 80
  contains "$(ask host -- "$(address_of a)" 80)" "a sees"
  contains "$(ask host -- "$(address_of a 6)" 80)" "a sees"
}

@test "one direction alone" {
  add a "$(bridge_conf '.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":320000}')"
  json "$(bucket "$(veth)")" . '["tbf",1000000,40000]'
  same "$(links | wc -l)" 1
  add b "$(bridge_conf '.runtimeConfig.bandwidth={"egressRate":8000000,"egressBurst":320000}')"
  json "$(bucket "$(ifb)")" . '["tbf",1000000,40000]'
}

@test "rates in the configuration itself, as the CNI project's plugin has them" {
  add a "$(bridge_conf '.ingressRate=8000000|.ingressBurst=320000')"
  json "$(bucket "$(veth)")" . '["tbf",1000000,40000]'
}

@test "an unlimited burst, as containerd asks for, and a burst too small for one packet" {
  add a "$(bridge_conf '.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":4294967295}')"
  check a "$(bridge_conf '.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":4294967295}')"
  del a "$(bridge_conf)"
  add b "$(bridge_conf '.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":8}')"
  serve in_pod b -- b 80
  contains "$(ask host -- "$(address_of b)" 80)" "b sees"
}
