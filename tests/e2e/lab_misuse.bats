#!/usr/bin/env bats
# podwire lab: what it says to those who ask for what cannot be.

load helpers
load lab_helpers

setup() { lab_setup; }
teardown() { lab_teardown; }

# refuses WHAT COMMAND...: and leaves no lab.
refuses() {
  fails "${@:2}"
  contains "${stderr//$'\n '/}" "$1"
  wait_for test ! -e "$LAB_DIR"
}

@test "ranges that do not fit are refused before anything is made" {
  refuses "--cluster-cidr 10.89.0.0/16" lab up --cluster-cidr 10.89.0.0/16
  refuses "overlaps --cluster-cidr" lab up --cluster-cidr 10.96.0.0/16
  refuses "is no range" lab up --cluster-cidr nonsense
  refuses "did you mean 10.1.0.0/16" lab up --cluster-cidr 10.1.2.0/16
  refuses "too many for the node network" lab up --nodes 300
  refuses "at least one node" lab up --nodes 0
  refuses "lacks a range of IPv6" lab up --dual-stack --service-cidr 10.96.0.0/12
}

@test "a name that is taken, or none" {
  succeeds lab up --nodes 1
  fails lab up --nodes 1
  contains "$stderr" "it is there already"
  is_ready node0
  fails lab up --name ../x
  contains "$stderr" "is no name of a lab"
}

@test "nodes that are not there, or cannot go" {
  succeeds lab up --nodes 1
  fails lab stop node7
  contains "$stderr" "lab $LAB has node0"
  fails lab rm-node node0
  contains "$stderr" "the API server runs on it"
  fails lab add-node Upper
  contains "$stderr" "1 to 15 of a-z"
  fails lab add-node node0
  contains "$stderr" "add node node0"
  fails lab start node0
  contains "$stderr" "it runs already"
  fails lab logs node7
  fails lab exec node0
}

@test "an argument that the agent refuses is told, and no lab is left" {
  refuses "--backend" lab up --nodes 1 --backend pigeons
}

@test "files that are no footloose configuration" {
  echo "machines: 3" >"$BATS_TEST_TMPDIR/bad.yaml"
  refuses "machines a list is expected" lab up -f "$BATS_TEST_TMPDIR/bad.yaml"
  refuses "No such file" lab up -f "$BATS_TEST_TMPDIR/none.yaml"
}

@test "only root makes labs" {
  chmod 755 "$BATS_TEST_TMPDIR"
  command -v setpriv >/dev/null || skip "needs setpriv"
  setpriv --reuid 65534 --clear-groups true || skip "cannot change users"
  setpriv --reuid 65534 --clear-groups test -x "$PODWIRE" || skip "others cannot run $PODWIRE"
  refuses "run it as root" setpriv --reuid 65534 --clear-groups "$PODWIRE" lab up
}
