#!/usr/bin/env bats
# podwire agent answers the cluster's DNS: asked by resolvers that nobody here wrote.

load helpers
load server_helpers
load agent_helpers

setup() { need_program busybox; }
teardown() { teardown_cluster; }

DNS=10.96.0.10

# cluster [SERVER OPTIONS... -- AGENT OPTIONS...]: one node n1 with a pod a.
cluster() {
  local server=()
  while (($#)) && [[ $1 != -- ]]; do server+=("$1") && shift; done
  start_control_plane "${server[@]}"
  start_node n1 11 --upstream-dns "" "${@:2}"
  wait_ready n1
  make_pod n1 a
  wait_for serves
}
serves() { grep -q "serves the cluster's DNS" "$BATS_TEST_TMPDIR/n1.log"; }

# lookup NAME [TYPE] [SERVER]: by busybox, in pod a. Succeeds if there is such a record.
lookup() { in_pod n1 a busybox nslookup "-type=${2:-a}" "$1" "${3:-$DNS}"; }
pointer() { in_pod n1 a busybox nslookup "$1" "$DNS"; }
# never LOOKUP...: not now, though the server answers.
never() { ! lookup "$@"; }

# resolved COMMAND...: in pod a, with the resolv.conf that a pod of namespace default has.
resolved() {
  printf 'nameserver %s\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n' "$DNS" \
    >"$BATS_TEST_TMPDIR/resolv.conf"
  in_pod n1 a sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$BATS_TEST_TMPDIR/resolv.conf" "$@"
}
gives() { [[ $(resolved getent "$1" "$2" | awk 'NR == 1 {print $1}') == "$3" ]]; }

# slice NAME SERVICE TYPE ENDPOINTS: of port sql 5432.
slice() {
  apply_file "$1" <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: $1, labels: {kubernetes.io/service-name: $2}}
addressType: $3
endpoints: $4
ports: [{name: sql, port: 5432, protocol: TCP}]
YAML
}

@test "a Service has its name in the moment it is there, and loses it with its end" {
  cluster
  succeeds lookup kubernetes.default.svc.cluster.local
  contains "$output" 10.96.0.1
  fails lookup web.default.svc.cluster.local
  contains "$output$stderr" NXDOMAIN
  succeeds kubectl create service clusterip web --tcp=80
  wait_for lookup web.default.svc.cluster.local
  local ip
  ip=$(field svc/web .spec.clusterIP)
  contains "$(lookup web.default.svc.cluster.local)" "$ip"
  contains "$(pointer "$ip")" web.default.svc.cluster.local
  succeeds kubectl delete svc web
  wait_for never web.default.svc.cluster.local
}

@test "libc and busybox find short names by the search list" {
  cluster
  succeeds kubectl create service clusterip web --tcp=80
  local ip
  ip=$(field svc/web .spec.clusterIP)
  wait_for gives ahostsv4 web "$ip"
  wait_for gives ahostsv4 web.default "$ip"
  gives ahostsv4 web.default.svc.cluster.local "$ip"
  gives ahostsv4 kubernetes 10.96.0.1
  gives hosts kubernetes.default.svc.cluster.local 10.96.0.1
  contains "$(resolved getent hosts "$ip")" web.default.svc.cluster.local
  fails resolved getent ahosts nothing
  fails resolved getent ahosts web.other
}

@test "headless Services: every ready endpoint, by its hostname, by port" {
  cluster
  succeeds kubectl create service clusterip pg --clusterip=None
  slice pg-1 pg IPv4 '[{addresses: [10.244.9.1], hostname: pg-0}, {addresses: [10.244.9.2], conditions: {ready: false}}]'
  wait_for lookup pg.default.svc.cluster.local
  contains "$(lookup pg-0.pg.default.svc.cluster.local)" 10.244.9.1
  contains "$(lookup _sql._tcp.pg.default.svc.cluster.local srv)" "5432 pg-0.pg.default.svc.cluster.local"
  contains "$(pointer 10.244.9.1)" pg-0.pg.default.svc.cluster.local
  [[ $(lookup pg.default.svc.cluster.local) != *10.244.9.2* ]]
  succeeds kubectl delete endpointslice pg-1
  wait_for never pg.default.svc.cluster.local
}

@test "what is too long for UDP comes over TCP" {
  cluster
  succeeds kubectl create service clusterip many --clusterip=None
  local list i
  list=$(for i in {1..250}; do printf '{addresses: [10.244.9.%s]},' "$i"; done)
  slice many-1 many IPv4 "[$list]"
  wait_for lookup many.default.svc.cluster.local
  same "$(resolved getent ahostsv4 many | awk '{print $1}' | sort -u | wc -l)" 250
}

@test "both families: the DNS has an address of each, and Services too" {
  DNS=fd00:96::a
  cluster --cluster-cidr 10.244.0.0/16,fd00:244::/56 --service-cluster-ip-range 10.96.0.0/12,fd00:96::/112
  succeeds kubectl create service clusterip web --tcp=80
  succeeds kubectl patch svc web --type=merge -p '{"spec":{"ipFamilyPolicy":"RequireDualStack"}}'
  local six
  six=$(field svc/web '.spec.clusterIPs[1]')
  wait_for gives ahostsv6 web "$six"
  contains "$(lookup web.default.svc.cluster.local a 10.96.0.10)" "$(field svc/web .spec.clusterIP)"
  contains "$(resolved getent hosts "$six")" web.default.svc.cluster.local
}

@test "other names are asked of upstreams, also those behind an ExternalName" {
  start_control_plane
  # Another node's DNS, of another domain, plays the world's.
  start_node world 13 --cluster-domain world.example --upstream-dns "" --cluster-dns 10.89.0.53
  start_node n1 11 --upstream-dns 10.89.0.53
  wait_ready n1 world
  make_pod n1 a
  wait_for serves
  on n1 ip route add 10.89.0.53 via 10.89.0.13
  contains "$(lookup kubernetes.default.svc.world.example)" 10.96.0.1
  succeeds kubectl create service externalname away --external-name=kubernetes.default.svc.world.example
  wait_for gives ahostsv4 away 10.96.0.1
  # Names of the cluster go on when the world is gone, and others fail instead of being denied.
  on n1 ip route replace blackhole 10.89.0.53
  contains "$(lookup kubernetes.default.svc.cluster.local)" 10.96.0.1
  fails lookup kubernetes.default.svc.world.example
  contains "$output$stderr" SERVFAIL
}

@test "the node itself is answered too; the address goes with the agent" {
  cluster
  contains "$(on n1 busybox nslookup kubernetes.default.svc.cluster.local "$DNS")" 10.96.0.1
  contains "$(on n1 ip address show lo)" "$DNS/32"
  same "$(field svc/kube-dns .spec.clusterIP -n kube-system)" "$DNS"
  stop_agent n1 TERM
  [[ $(on n1 ip address show lo) != *"$DNS"* ]]
  start_agent n1 --no-dns
  wait_ready n1
  [[ $(on n1 ip address show lo) != *"$DNS"* ]]
}

@test "kill -9 of the agent: the next one answers again" {
  cluster
  stop_agent n1 KILL
  : >"$BATS_TEST_TMPDIR/n1.log"
  start_agent n1 --upstream-dns ""
  wait_for serves
  contains "$(lookup kubernetes.default.svc.cluster.local)" 10.96.0.1
}
