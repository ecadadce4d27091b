# shellcheck shell=bash
# Labs under names of their own, so that tests can run side by side. Needs helpers.

# lab_setup: $LAB is this test's lab; its files are below the test's own directory.
lab_setup() {
  need_root
  LAB=t$BASHPID
  PODWIRE_LAB=$LAB
  PODWIRE_ROOT=$BATS_TEST_TMPDIR/root
  LAB_DIR=$PODWIRE_ROOT/run/lab/$LAB
  export PODWIRE_LAB PODWIRE_ROOT
}

# lab_teardown [LAB...]: whatever the test has left.
lab_teardown() {
  local name
  for name in "${@:-$LAB}"; do "$PODWIRE" lab down --name "$name" >/dev/null 2>&1 || true; done
}

lab() { "$PODWIRE" lab "$@"; }

# keeper: the process id of this test's lab.
keeper() { lab status -o json | jq .keeper; }

# node_state NODE
node_state() { lab status -o json | jq -r --arg node "$1" '.nodes[] | select(.name == $node) | .state'; }
is_ready() { [[ $(node_state "$1") == Ready ]]; }

# traces_of KEEPER INODES...: what is left of a lab: processes in its network namespaces, cgroups, files.
traces_of() {
  local keeper=$1 inode path
  shift
  for inode in "$@"; do
    for path in /proc/[0-9]*/ns/net; do
      [[ $(readlink "$path" 2>/dev/null) != "$inode" ]] || echo "process ${path%/ns/net} in $inode"
    done
  done
  find /sys/fs/cgroup -maxdepth 4 -type d -name "podwire-lab-$keeper-*" 2>/dev/null
  [[ ! -e $LAB_DIR ]] || echo "$LAB_DIR"
  grep "$LAB_DIR" /proc/self/mountinfo || true
}

# namespaces_of: the network namespaces of the nodes and of the internet.
namespaces_of() {
  local pid
  for pid in $(lab status -o json | jq '.internet, .nodes[].pid'); do readlink "/proc/$pid/ns/net"; done
}
