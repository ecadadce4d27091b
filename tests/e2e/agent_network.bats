#!/usr/bin/env bats
# podwire agent: nodes join, and their pods reach each other.

load helpers
load server_helpers
load agent_helpers

setup() { start_control_plane; }
teardown() { teardown_cluster; }

@test "nodes join by token; pods of two nodes reach each other by plain routes" {
  start_node n1 11
  start_node n2 12
  wait_ready n1 n2
  make_pod n1 a
  make_pod n2 b
  wait_for pings n1 a "$(pod_ip b)"
  pings n2 b "$(pod_ip a)"
  contains "$(on n1 ip route show "$(pod_cidr n2)")" "via 10.89.0.12 dev eth0"
}
