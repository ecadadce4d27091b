# shellcheck shell=bash
# What every end-to-end test needs: machines that are namespaces, and words to say what is expected of them.
# A machine has its own network and mount namespace, and its own /run and /var/lib. The host is never touched: what a
# test leaves behind ends with its machines' first processes.

bats_require_minimum_version 1.5.0 # run --separate-stderr

E2E=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$E2E/../.." && pwd)
: "${PODWIRE:=$REPO/build/release/podwire}"
: "${PODWIRE_CNI:=$REPO/build/release/podwire-cni}"
export PODWIRE PODWIRE_CNI

declare -gA MACHINE=() MACHINE_STARTER=()

need_root() { ((EUID == 0)) || skip "needs root to make namespaces"; }
need_program() { command -v "$1" >/dev/null || skip "needs the program $1"; }

# start_machine NAME: in network, mount and PID namespaces of its own, loopback up.
start_machine() {
  local ready=$BATS_TEST_TMPDIR/$1.ready
  unshare --net --mount --propagation private --pid --fork --kill-child \
    "$E2E/machine" "$ready" 3>&- >/dev/null 2>&1 &
  MACHINE_STARTER[$1]=$!
  wait_for test -e "$ready"
  MACHINE[$1]=$(tr -d " " <"/proc/$!/task/$!/children")
}

# stop_machines: each one's first process, and with it all its others and its namespaces.
stop_machines() {
  local name
  for name in "${!MACHINE_STARTER[@]}"; do
    kill -9 "${MACHINE_STARTER[$name]}" 2>/dev/null || true
    wait "${MACHINE_STARTER[$name]}" 2>/dev/null || true
  done
  MACHINE=() MACHINE_STARTER=()
}

# on MACHINE COMMAND...
on() {
  local machine=$1
  shift
  nsenter --target "${MACHINE[$machine]}" --net --mount --pid -- "$@"
}

# wire A ADDRESS... -- B ADDRESS...: a cable between two machines; each has it as eth0.
wire() {
  local a=$1 b="" side="" address
  local -A addresses=()
  for address in "${@:2}"; do
    if [[ $address == -- ]]; then side=--; continue; fi
    if [[ $side == -- ]]; then b=$address side=b; continue; fi
    addresses[${side:-a}]+=" $address"
  done
  nsenter --target "${MACHINE[$a]}" --net -- ip link add eth0 type veth peer name eth0 netns "${MACHINE[$b]}"
  local name
  for name in a b; do
    local machine=${!name}
    # A router asks for neighbours from its link-local address, so that has to be ready at once too.
    on "$machine" sysctl -q net.ipv6.conf.eth0.accept_dad=0
    on "$machine" ip link set eth0 up
    for address in ${addresses[$name]:-}; do
      local nodad=()
      [[ $address != *:* ]] || nodad=(nodad)
      on "$machine" ip address add "$address" dev eth0 "${nodad[@]}"
    done
  done
}

# wait_up_to SECONDS COMMAND...: until it succeeds.
wait_up_to() {
  local tries seconds=$1
  shift
  for ((tries = 0; tries < seconds * 20; ++tries)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.05
  done
  echo "waited $seconds s in vain for: $*" >&2
  return 1
}

# wait_for COMMAND...: until it succeeds, at most 10 s.
wait_for() { wait_up_to 10 "$@"; }

# --- expectations: each says what was and what should have been; $output and $stderr are the last command's

succeeds() {
  run --separate-stderr "$@"
  ((status == 0)) || { printf 'failed (%s): %s\n%s\n%s\n' "$status" "$*" "$output" "$stderr" >&2; return 1; }
}

fails() {
  run --separate-stderr "$@"
  ((status != 0)) || { printf 'should have failed: %s\n%s\n%s\n' "$*" "$output" "$stderr" >&2; return 1; }
}

# same WHAT WANTED: two texts.
same() {
  [[ $1 == "$2" ]] || { printf 'is:     %s\nwanted: %s\n' "$1" "$2" >&2; return 1; }
}

# contains TEXT PART
contains() {
  [[ $1 == *"$2"* ]] || { printf 'is:     %s\nlacks:  %s\n' "$1" "$2" >&2; return 1; }
}

# json TEXT FILTER WANTED: what jq -c makes of it.
json() {
  local is
  is=$(jq -cr "$2" <<<"$1") || { printf 'no JSON for %s: %s\n' "$2" "$1" >&2; return 1; }
  [[ $is == "$3" ]] || { printf '%s\nis:     %s\nwanted: %s\nin:     %s\n' "$2" "$is" "$3" "$1" >&2; return 1; }
}
