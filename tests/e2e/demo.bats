#!/usr/bin/env bats
# podwire demo: every statement holds, a broken network is found out, and nothing is left however it ends.
# Each test plays it in network, mount and PID namespaces of the test's own, where everything that is left can be seen.

load helpers

setup() {
  need_root
  need_program runc
  need_program jq
  [[ -x $REPO/build/clients/kubectl ]] || skip "needs build/clients/kubectl: ./dev setup"
  start_playground
}
teardown() { stop_machines; }

# start_playground: a machine that keeps the host's /sys, whose first process reaps what is orphaned. Its process ids
# are those of no other test's playground: the host's cgroups, which all see, are named after them.
start_playground() {
  local ready=$BATS_TEST_TMPDIR/ready
  unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc \
    bash -c 'ip link set lo up; echo "$2" >/proc/sys/kernel/ns_last_pid; : >"$1"; while :; do sleep 3600 & wait $!; done' _ "$ready" $((BATS_SUITE_TEST_NUMBER * 128)) 3>&- >/dev/null 2>&1 &
  MACHINE_STARTER[here]=$!
  wait_for test -e "$ready"
  MACHINE[here]=$(tr -d " " <"/proc/$!/task/$!/children")
}

demo() { on here env "PATH=$REPO/build/clients:$PATH" "$PODWIRE" demo "$@"; }

# demo_with_plugin SED-SCRIPT [OPTIONS]: the demo over a podwire-cni whose configuration is changed on its way in.
demo_with_plugin() {
  local plugin=$BATS_TEST_TMPDIR/plugin
  printf '#!/bin/sh\nsed %q | exec %q\n' "$1" "$PODWIRE_CNI" >"$plugin"
  chmod +x "$plugin"
  shift
  PODWIRE_CNI=$plugin demo "$@"
}

# start_demo: in the background; its process id in the playground is in $DEMO, its output in $OUT.
start_demo() {
  OUT=$BATS_TEST_TMPDIR/out
  on here bash -c 'echo $$ >"$1.pid"; PATH=$3:$PATH exec "$2" demo >"$1" 2>&1' _ "$OUT" "$PODWIRE" "$REPO/build/clients" 3>&- &
  STARTED=$!
  wait_for test -s "$OUT.pid"
  DEMO=$(<"$OUT.pid")
}

# links, mounts, processes (but those that look), cgroups of the playground.
what_is_there() {
  on here ip -brief link
  on here bash -c 'cut -d" " -f4,5,9 /proc/self/mountinfo'
  on here bash -c 'for p in /proc/[0-9]*; do [[ ${p#/proc/} == "$$" ]] || tr "\0" " " <"$p/cmdline"; done' 2>/dev/null
  on here bash -c 'find /run /tmp -maxdepth 1 -name "*podwire*"'
}
no_cgroups_of() { ! find /sys/fs/cgroup -maxdepth 4 -name "podwire-lab-$1-*" | grep -q .; }

nothing_more_than() { [[ $(what_is_there) == "$1" ]]; }

failing_steps() { jq -cr '[.steps[] | select(any(.statements[]; .holds | not)) | .id]' <<<"$1"; }

@test "every statement of the demos holds" {
  local before
  before=$(what_is_there)
  succeeds demo
  [[ ${lines[-1]} =~ ^([0-9]+)\ statements\ checked,\ ([0-9]+)\ hold$ ]]
  same "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  ((BASH_REMATCH[1] >= 68))
  same "$stderr" ""
  same "$(grep -c '✗ ' <<<"$output")" 1 # the introduction, which says what the mark means
  same "$(what_is_there)" "$before"
}

@test "the report as JSON says what was seen and how to look" {
  succeeds demo -o json
  json "$output" '.good and .checked == .holding' true
  json "$output" '[.steps[].id] | join(" ")' \
    "host bridge container second ping outside published two-hosts datagram data udp ip ethernet next-hop \
nodes pod-cidrs pods service ask-node ask-pod tables scale backend"
  json "$output" '[.steps[] | select(.statements | length == 0) | .id]' "[]"
  json "$output" '.steps[] | select(.id == "container").commands[0]' \
    "host1\$ podwire run -d --name a -p 8080:80 busybox httpd -f -p 80 -h /etc"
}

@test "what is told was seen in this very run" {
  # Namespace numbers, veth names, ports and sequence numbers are the kernel's choice each time.
  local first second
  first=$(demo containers -o json)
  second=$(demo containers -o json)
  local step
  for step in container ping outside published; do
    local filter=".steps[] | select(.id == \"$step\") | [.statements[].seen] | join(\"; \")"
    [[ $(jq -r "$filter" <<<"$first") != "$(jq -r "$filter" <<<"$second")" ]]
  done
}

@test "without masquerade the demo fails, and says where" {
  fails demo_with_plugin 's/"ipMasq": *true/"ipMasq":false/' containers -o json
  same "$status" 1
  same "$(failing_steps "$output")" '["outside"]'
  json "$output" '[.steps[] | select(.id == "outside").statements[] | select(.holds | not)] | length > 0 and
    all(.expected != "")' true
  contains "$output" "no client reached the server's accept()"
}

@test "without the published port the demo fails, and says where" {
  fails demo_with_plugin 's/"portMappings": *\[[^]]*\]/"portMappings":[]/' containers
  same "$status" 1
  contains "$output" "✗ in step published: "
  [[ $output != *"✗ in step outside"* ]]
}

@test "a plugin that does not work ends the demo early" {
  fails demo_with_plugin 's/.*/{/' containers
  same "$status" 1
  contains "$output" "ended early: "
  contains "$output" "podwire run -d --name a"
}

@test "--only tells the steps that were asked for" {
  succeeds demo --only ping,udp --no-color
  same "$(grep -o '\[[a-z-]*\] ──' <<<"$output" | tr '\n' ' ')" "[ping] ── [udp] ── "
  fails demo --only nosuch
  contains "$stderr" "there are host, bridge, container"
  fails demo encapsulation --only ping
}

@test "--pause waits for a key" {
  need_program script
  local told
  told=$(printf 'xxx' | on here script -qec "'$PODWIRE' demo --only host,bridge --pause" /dev/null)
  contains "$told" "nsenter -a -t"
  contains "$told" "[any key goes on, Ctrl-C ends]"
  contains "$told" "5 statements checked, 5 hold"
  fails demo --pause </dev/null
  contains "$stderr" "needs a terminal"
}

@test "who is not root is told so" {
  fails on here setpriv --reuid=65534 --clear-groups "$PODWIRE" demo
  contains "$stderr" "run it as root"
}

@test "two at the same time do not meet" {
  start_demo
  succeeds demo
  wait "$STARTED"
  contains "$(tail -n 1 "$OUT")" "statements checked"
}

@test "SIGTERM in the middle ends it in order and leaves nothing" {
  local before
  before=$(what_is_there)
  start_demo
  wait_for grep -q '\[ping\]' "$OUT"
  on here kill -TERM "$DEMO"
  status=0; wait "$STARTED" || status=$?
  same "$status" 143
  contains "$(<"$OUT")" "asked to stop by SIGTERM"
  same "$(what_is_there)" "$before"
  no_cgroups_of "$DEMO"
}

@test "killed at once, nothing of it lives on, and the next start sweeps its cgroups" {
  local before
  before=$(what_is_there)
  start_demo
  wait_for grep -q '\[outside\]' "$OUT"
  on here kill -KILL "$DEMO"
  status=0; wait "$STARTED" || status=$?
  same "$status" 137
  wait_for nothing_more_than "$before"
  succeeds demo --only host
  no_cgroups_of "$DEMO"
}

@test "docs/demo.md names every step" {
  local id
  for id in $(demo -o json --only next-hop,two-hosts,backend | jq -r '.steps[].id'); do
    grep -q "\`$id\`" "$REPO/docs/demo.md" || { echo "docs/demo.md lacks step $id" >&2; return 1; }
  done
}
