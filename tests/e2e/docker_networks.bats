#!/usr/bin/env bats
# Networks that people make: addresses, names, isolation, published ports, the way out.

load helpers
load docker_helpers

setup() { setup_docker_host; }
teardown() { teardown_docker_host; }

# outside: a second machine on a wire with the host, which knows no way to containers.
outside() {
  start_machine outside
  wire host 192.0.2.1/24 2001:db8::1/64 -- outside 192.0.2.2/24 2001:db8::2/64
  host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

@test "network create shows a bridge at once; rm takes it away, but not under containers" {
  succeeds podwire network create mynet
  local bridge
  bridge=$(podwire network inspect mynet | jq -r '.[0].Options."com.docker.network.bridge.name"')
  contains "$(host ip -br address show "$bridge")" "172.18.0.1/16"
  podwire run -d --name a --network mynet alpine sleep 1000
  fails podwire network rm mynet
  contains "$stderr" "attached: a"
  podwire container rm -f a
  podwire network rm mynet
  fails host ip link show "$bridge"
  fails podwire network inspect mynet
}

@test "subnets come from Docker's pools, past what the namespace has routes for" {
  host ip link add dummy-route type bridge
  host ip address add 172.18.4.1/24 dev dummy-route
  host ip link set dummy-route up
  podwire network create first
  podwire network create second
  json "$(podwire network ls -o json)" '[.[].IPAM.Config[0].Subnet]' '["172.17.0.0/16","172.19.0.0/16","172.20.0.0/16"]'
}

@test "subnet, gateway, range and MTU as given; containers get addresses out of the range only" {
  podwire network create --subnet 10.5.0.0/16 --gateway 10.5.0.9 --ip-range 10.5.7.0/24 --mtu 1400 mynet
  podwire run -d --name a --network mynet alpine sleep 1000
  contains "$(address_of a)" 10.5.7.
  contains "$(podwire exec a ip route)" "default via 10.5.0.9"
  contains "$(podwire exec a ip link show eth0)" "mtu 1400"
  podwire run -d --name b --network mynet --ip 10.5.7.77 --mac-address 02:00:00:00:00:77 alpine sleep 1000
  same "$(address_of b)" 10.5.7.77
  contains "$(podwire exec b ip link show eth0)" "02:00:00:00:00:77"
  fails podwire run -d --network mynet --ip 10.5.7.77 alpine sleep 1000
}

@test "dual stack: addresses of both families, and both reach the neighbour" {
  podwire network create --subnet 10.6.0.0/24 --subnet fd06::/64 dual
  podwire run -d --name a --network dual alpine sleep 1000
  podwire run -d --name b --network dual alpine sleep 1000
  reaches a "$(address_of b)"
  reaches a "$(address_of b GlobalIPv6Address)"
  podwire network create --ipv6 auto
  contains "$(podwire network inspect auto | jq -r '.[0].IPAM.Config[1].Subnet')" "/64"
}

@test "names are resolved on networks that somebody made, while they are there; not on docker0" {
  podwire network create mynet
  podwire run -d --name a --network mynet --network-alias first alpine sleep 1000
  podwire run -d --name b --network mynet alpine sleep 1000
  reaches a b
  reaches b a
  reaches b first
  podwire container rm -f b
  does_not_reach a b
  podwire run -d --name b --network mynet alpine sleep 1000
  reaches a b
  podwire run -d --name c alpine sleep 1000
  podwire run -d --name d alpine sleep 1000
  does_not_reach c d
  reaches c "$(address_of d)"
}

@test "networks are kept apart; the host reaches both" {
  podwire network create left
  podwire network create right
  podwire run -d --name l --network left alpine sleep 1000
  podwire run -d --name r --network right alpine sleep 1000
  podwire run -d --name d alpine sleep 1000
  does_not_reach l "$(address_of r)"
  does_not_reach l "$(address_of d)"
  does_not_reach d "$(address_of r)"
  succeeds host ping -c1 -W2 "$(address_of l)"
  succeeds host ping -c1 -W2 "$(address_of r)"
}

@test "--icc=false: neighbours cannot talk, the host and published ports still can" {
  podwire network create --icc=false quiet
  web a --network quiet -p 8080:80
  podwire run -d --name b --network quiet alpine sleep 1000
  does_not_reach b "$(address_of a)"
  same "$(page host http://127.0.0.1:8080/)" a
  reaches b "$(podwire network inspect quiet | jq -r '.[0].IPAM.Config[0].Gateway')"
}

@test "--internal: neighbours talk, nobody gets out or in" {
  outside
  podwire network create --internal closed
  podwire run -d --name a --network closed alpine sleep 1000
  podwire run -d --name b --network closed alpine sleep 1000
  reaches a b
  does_not_reach a 192.0.2.2
  same "$(podwire exec a ip route | grep -c default)" 0
}

@test "the way out: masqueraded as the host, answers come back, nobody comes in" {
  outside
  podwire run -d --name a alpine sleep 1000
  reaches a 192.0.2.2
  on outside tcpdump -lni eth0 -c1 icmp >"$BATS_TEST_TMPDIR/seen" 2>"$BATS_TEST_TMPDIR/ready" 3>&- &
  local dump=$!
  wait_for grep "listening on" "$BATS_TEST_TMPDIR/ready"
  reaches a 192.0.2.2
  wait "$dump"
  contains "$(cat "$BATS_TEST_TMPDIR/seen")" "192.0.2.1 > 192.0.2.2"
  on outside ip route add 172.17.0.0/16 via 192.0.2.1
  fails on outside ping -c1 -W1 "$(address_of a)"
}

@test "published ports: from outside, the host, loopback, a neighbour and the container itself" {
  outside
  podwire network create --subnet 10.6.0.0/24 --subnet fd06::/64 dual
  web a --network dual -p 8080:80
  podwire run -d --name b alpine sleep 1000
  same "$(page outside http://192.0.2.1:8080/)" a
  same "$(page outside 'http://[2001:db8::1]:8080/')" a
  same "$(page host http://127.0.0.1:8080/)" a
  same "$(page host http://192.0.2.1:8080/)" a
  same "$(podwire exec b timeout 2 wget -qO- http://172.17.0.1:8080/)" a
  same "$(podwire exec a timeout 2 wget -qO- http://192.0.2.1:8080/)" a
  podwire container rm -f a
  same "$(page outside http://192.0.2.1:8080/)" ""
}

@test "publishing on one address, on a chosen port, on ranges, and by udp" {
  outside
  web a -p 127.0.0.1:8081:80 -p 80 -p 9000-9001:80-81 -p 5353:53/udp
  same "$(page host http://127.0.0.1:8081/)" a
  same "$(page outside http://192.0.2.1:8081/)" ""
  local chosen
  chosen=$(podwire container inspect a | jq -r '.[0].NetworkSettings.Ports."80/tcp"[] | select(.HostPort | tonumber > 32767).HostPort')
  same "$(page outside "http://192.0.2.1:$chosen/")" a
  same "$(page outside http://192.0.2.1:9000/)" a
  contains "$(podwire ps)" "0.0.0.0:5353->53/udp"
}

@test "a port is published once: by another container or a process of the host it is refused" {
  web a -p 8080:80
  run podwire run -d -p 8080:80 alpine sleep 1000
  same "$status" 125
  contains "$output" "container a has published it"
  host socat TCP4-LISTEN:8090,fork,reuseaddr SYSTEM:true 3>&- >/dev/null 2>&1 &
  wait_for host sh -c 'ss -Hltn sport = :8090 | grep -q .'
  run podwire run -d -p 8090:80 alpine sleep 1000
  same "$status" 125
  contains "$output" "a process of the host listens on it"
  same "$(podwire ps -aq | wc -l)" 1
}

@test "--network none and host" {
  same "$(podwire run --rm --network none alpine ip -o link | wc -l)" 1
  host ip link add only-here type bridge
  contains "$(podwire run --rm --network host alpine ip link)" only-here
  fails podwire run --rm --network none -p 80 alpine true
}

@test "a bridge that is somebody else's is left alone" {
  host ip link add docker0 type bridge
  host ip address add 172.17.0.1/16 dev docker0
  run podwire run --rm alpine true
  same "$status" 125
  contains "$output" "it is not podwire's"
}

@test "misuse says what to do" {
  fails podwire network create --subnet 10.0.0.5/24 a
  contains "$stderr" "10.0.0.0/24"
  fails podwire network create --subnet 10.0.0.0/24 --gateway 10.1.0.1 a
  fails podwire network create none
  podwire network create --subnet 10.0.0.0/24 a
  fails podwire network create a
  fails podwire network create --subnet 10.0.0.0/16 b
  contains "$stderr" "overlaps 10.0.0.0/24"
  fails podwire run --rm --network nowhere alpine true
  contains "$stderr" "podwire network create nowhere"
}

@test "networks outlive their namespace: after a reboot the bridge comes back with its first container" {
  export PODWIRE_NETNS=podwire
  podwire network create --subnet 10.5.0.0/24 mynet
  podwire netns rm
  podwire run -d --name a --network mynet alpine sleep 1000
  same "$(address_of a)" 10.5.0.2
}
