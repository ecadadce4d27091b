#!/usr/bin/env bats
# Killed at every system call that changes something, called in parallel, rebooted: nothing leaks, no address twice.

load helpers
load cni_helpers

setup() {
  need_program strace
  setup_host
  PORTS="$(publish 8080 80)|$(publish 8053 53 udp)"
  BANDWIDTH='.runtimeConfig.bandwidth={"ingressRate":8000000,"ingressBurst":80000,"egressRate":8000000,"egressBurst":80000}'
}
teardown() { stop_machines; }

# What changes files, the kernel or the process itself. Opening is not among them: what it creates is seen by what
# comes next.
CHANGING=(write rename renameat renameat2 link linkat unlink unlinkat mkdir mkdirat sendto sendmsg fsync fdatasync
  ftruncate utimensat flock setns bpf fork vfork clone clone3 execve exit_group)

# under_strace OPTIONS COMMAND ID <CONF: as cni, with strace -f.
under_strace() {
  printf '#!/bin/sh\nexec strace -f %s "%s"\n' "$1" "$CNI_BIN/podwire-cni" >"$BATS_TEST_TMPDIR/traced"
  chmod +x "$BATS_TEST_TMPDIR/traced"
  CNI_PROGRAM=$BATS_TEST_TMPDIR/traced cni "${@:2}"
}

# changing COMMAND ID <CONF: runs it to its end; says which changing system calls it made, one a line.
changing() {
  under_strace "-o $BATS_TEST_TMPDIR/trace -e trace=$(IFS=,; echo "${CHANGING[*]}")" "$@" >/dev/null
  sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$BATS_TEST_TMPDIR/trace" | sort -u
}

# killed CALL N COMMAND ID <CONF: kills it, or what it runs, as it enters CALL for the Nth time. Success: it was.
# Failure: it came to its end.
killed() {
  local status=0
  under_strace "-o /dev/null -e trace=$1 -e inject=$1:signal=KILL:when=$2" "${@:3}" >/dev/null 2>&1 || status=$?
  ((status == 137)) || { ((status == 0)) && return 1; } # 1: what it ran was killed, and it said so
}

# everything: all that an attachment may leave: files, temporary ones too, devices here and in a, elements.
everything() {
  # shellcheck disable=SC2016
  host bash -c '
    find /var/lib /run/podwire -type f ! -name lock ! -name boot ! -name "last_reserved_ip.*" \
      ! -path "*/freed/*" -print 2>/dev/null | sort
    ip -o link show | cut -d: -f2 | grep -v cni0 # a bridge stays
    ip -n a -o link show | cut -d: -f2
    nft list table inet podwire-cni 2>/dev/null |
      awk "/^\t(set|map) /{name = \$2} /elements = {/,/}/{print name, \$0}"'
}

# no_address_twice CONF: who is added now gets an address that nobody holds, whatever the killed one did.
no_address_twice() {
  local address taken
  # shellcheck disable=SC2016
  taken=$(host bash -c 'ls /var/lib/cni/networks/*; ip -n a -o address show | awk "{print \$4}"' 2>/dev/null)
  add other "$1"
  for address in $(jq -r '.ips[].address|split("/")[0]' <<<"$output"); do
    ! grep -qE "^$address(/|\$)" <<<"$taken" || {
      printf '%s was given twice:\n%s\n' "$address" "$taken" >&2
      return 1
    }
  done
  del other "$1"
}

# kill_everywhere COMMAND CONF BEFORE AFTER: kills COMMAND of a at each of its changing system calls in turn. BEFORE
# makes it ready for it, AFTER repairs; then all is as at the beginning.
kill_everywhere() {
  local command=$1 config=$2 before=$3 after=$4 call calls n beginning kills=0
  $before "$config"
  calls=$(changing "$command" a <<<"$config")
  $after "$config"
  add other "$OTHER"
  del other "$OTHER"
  beginning=$(everything)
  for call in $calls; do
    for ((n = 1; n < 100; ++n)); do
      $before "$config"
      killed "$call" $n "$command" a <<<"$config" || break
      kills=$((kills + 1))
      [[ $command == DEL ]] || no_address_twice "$OTHER"
      $after "$config"
      same "$(everything)" "$beginning" || { echo "after a kill at $call number $n of $command" >&2; return 1; }
    done
    $after "$config"
  done
  same "$(everything)" "$beginning"
  echo "# $command killed at $kills system calls" >&3
  ((kills > 20))
}

nothing() { :; }
repair_by_del() { del a "$1"; }
repair_by_gc() {
  succeeds cni GC "" <<<"$(jq -c '."cni.dev/valid-attachments"=[{"containerID":"keeper","ifname":"eth0"}]' <<<"$1")"
}

# with_keeper CONF: one attachment that is there all the time and must not be touched; OTHER is one more, plain.
with_keeper() {
  OTHER=$(jq -c 'del(.runtimeConfig)' <<<"$1")
  add keeper "$(conf "$1" '.runtimeConfig.portMappings[].hostPort+=1000')" # so that what is shared is there
  pod a
}

@test "ADD of a bridge port with masquerade, ports and bandwidth, killed everywhere, then DEL" {
  local c
  c=$(bridge_conf "$DUAL" "$PORTS" "$BANDWIDTH")
  with_keeper "$c"
  kill_everywhere ADD "$c" nothing repair_by_del
}

@test "ADD of a bridge port with masquerade, ports and bandwidth, killed everywhere, then GC" {
  local c
  c=$(bridge_conf "$DUAL" "$PORTS" "$BANDWIDTH")
  with_keeper "$c"
  kill_everywhere ADD "$c" nothing repair_by_gc
}

@test "ADD of a routed dual-stack link, killed everywhere, then DEL" {
  local c
  c=$(routed_conf "$DUAL" "$PORTS")
  with_keeper "$c"
  kill_everywhere ADD "$c" nothing repair_by_del
}

@test "ADD of a routed dual-stack link, killed everywhere, then GC" {
  local c
  c=$(routed_conf "$DUAL" "$PORTS")
  with_keeper "$c"
  kill_everywhere ADD "$c" nothing repair_by_gc
}

@test "ADD killed everywhere, then ADD again: all of it, or an error while the interface is there" {
  again() {
    if cni ADD a <<<"$1" >"$BATS_TEST_TMPDIR/result.a"; then
      check a "$1"
    else
      json "$(cat "$BATS_TEST_TMPDIR/result.a")" .code 100
    fi
    del a "$1"
  }
  local c
  c=$(routed_conf "$PORTS")
  with_keeper "$c"
  kill_everywhere ADD "$c" nothing again
}

@test "DEL killed everywhere, then DEL" {
  local c
  c=$(bridge_conf "$DUAL" "$PORTS" "$BANDWIDTH")
  with_keeper "$c"
  attach() { add a "$1"; }
  kill_everywhere DEL "$c" attach repair_by_del
}

@test "the very first ADD, that makes the bridge and loads the table, killed everywhere, then DEL" {
  local c
  c=$(bridge_conf "$PORTS")
  OTHER=$(routed_conf '.name="other"' '.ipMasq=false' '.ipam.ranges=[[{"subnet":"10.77.0.0/16"}]]')
  pod a
  fresh() {
    host ip link delete cni0 2>/dev/null || true
    host nft delete table inet podwire-cni 2>/dev/null || true
  }
  kill_everywhere ADD "$c" fresh repair_by_del
}

@test "100 ADDs, 10 at a time, then 100 DELs: no address twice, nothing left" {
  local kind
  for kind in bridge routed; do
    local c
    c=$("${kind}_conf" "$DUAL")
    cat >"$BATS_TEST_TMPDIR/one" <<END
#!/bin/bash
# one COMMAND NUMBER: each with a port of its own
export CNI_COMMAND=\$1 CNI_CONTAINERID=c\$2 CNI_NETNS=/run/netns/c\$2 CNI_IFNAME=eth0
jq -c --argjson port \$((20000 + \$2)) \
  '.runtimeConfig.portMappings=[{hostPort:\$port,containerPort:80,protocol:"tcp"}]' <<<'$c' | "$CNI_BIN/podwire-cni"
END
    chmod +x "$BATS_TEST_TMPDIR/one"
    host bash -c 'for n in {1..100}; do ip netns add c$n; done'
    succeeds host bash -c "seq 100 | xargs -P 10 -I N '$BATS_TEST_TMPDIR/one' ADD N"
    same "$(jq -s 'length' <<<"$output")" 100
    same "$(jq -s '[.[].ips[].address]|unique|length' <<<"$output")" 200
    same "$(reservations | grep -cE '/(10\.22|fd22)[^/]*$')" 200
    same "$(links | wc -l)" 100
    same "$(elements published4 | wc -l)" 100
    succeeds host bash -c "seq 100 | xargs -P 10 -I N '$BATS_TEST_TMPDIR/one' DEL N"
    same "$output" ""
    nothing_left
    host bash -c 'for n in {1..100}; do ip netns delete c$n; done'
  done
}

@test "ADDs and DELs of the same network at the same time" {
  local c
  c=$(bridge_conf "$DUAL")
  cat >"$BATS_TEST_TMPDIR/churn" <<END
#!/bin/bash
set -e
for round in 1 2 3 4 5; do
  for CNI_COMMAND in ADD CHECK DEL; do
    export CNI_COMMAND CNI_CONTAINERID=c\$1 CNI_NETNS=/run/netns/c\$1 CNI_IFNAME=eth0
    out=\$(jq -c --argjson prev "\${result:-null}" '.prevResult=\$prev|if .prevResult then . else del(.prevResult) end' <<<'$c' |
      "$CNI_BIN/podwire-cni") || { echo "\$CNI_COMMAND: \$out"; exit 1; }
    case \$CNI_COMMAND in ADD) result=\$out ;; DEL) unset result ;; esac
  done
done
END
  chmod +x "$BATS_TEST_TMPDIR/churn"
  host bash -c 'for n in {1..10}; do ip netns add c$n; done'
  succeeds host bash -c "seq 10 | xargs -P 10 -I N '$BATS_TEST_TMPDIR/churn' N"
  nothing_left
}

@test "a reboot: reservations of before are void, those of after are kept" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/29"}]]')
  local id
  for id in a b d e f; do add "$id" "$c"; done
  fails cni STATUS "" <<<"$c"
  reboot_host
  succeeds cni STATUS "" <<<"$c"
  for id in v w x y z; do add "$id" "$c"; done
  same "$(reservations | grep -cE '/10\.22\.[^/]*$')" 5
  pod full
  fails cni ADD full <<<"$c"
  refused 11 10.22.0.0/29
  # A DEL for a container of before the reboot takes nothing from those of after.
  del a "$c"
  for id in v w x y z; do check "$id" "$c"; done
}

@test "a reboot in the middle of host-local's files: they are void, too" {
  local c
  c=$(bridge_conf '.ipam.ranges=[[{"subnet":"10.22.0.0/29"}]]')
  add a "$c"
  host bash -c 'printf "old\r\neth0" >/var/lib/cni/networks/net/10.22.0.3'
  reboot_host
  add b "$c"
  same "$(reservations | grep -cE '/10\.22\.[^/]*$')" 1
}

@test "a disk that is full: an error, and nothing half-made" {
  pod a
  host bash -c 'mkdir -p /run/small && mount -t tmpfs -o size=16k tmpfs /run/small && mkdir /run/small/net &&
    head -c 100000 /dev/zero >/run/small/fill' || true
  fails cni ADD a <<<"$(bridge_conf '.ipam.dataDir="/run/small"')"
  refused 5 "No space left on device"
  same "$(host find /run/small/net -type f -size +0)" ""
  same "$(links)" ""
  same "$(records)" ""
}
