#!/usr/bin/env bats
# Containers from their start to their end: run, exec, logs, ls, inspect, stop, rm; what is killed in between.

load helpers
load docker_helpers

setup() { setup_docker_host; }
teardown() { teardown_docker_host; }

@test "the first container gets Docker's picture: docker0, a veth pair, eth0 with 172.17.0.2" {
  succeeds podwire run -d --name my-alpine alpine sleep 1000
  [[ $output =~ ^[0-9a-f]{64}$ ]]
  contains "$(host ip -br address show docker0)" "172.17.0.1/16"
  contains "$(podwire exec my-alpine ip address show eth0)" "inet 172.17.0.2/16"
  contains "$(podwire exec my-alpine ip route)" "default via 172.17.0.1 dev eth0"
  same "$(host sh -c 'ls /sys/class/net/docker0/brif | wc -l')" 1
  podwire container rm -f my-alpine
  nothing_left
}

@test "neighbours ping each other, and the ARP entry is the other's MAC" {
  podwire run -d --name a alpine sleep 1000
  podwire run -d --name b alpine sleep 1000
  reaches b "$(address_of a)"
  contains "$(podwire exec b ip neigh)" "$(address_of a MacAddress)"
}

@test "run in the foreground passes on output, errors and the exit status" {
  run --separate-stderr podwire run --rm alpine sh -c 'echo out; echo err >&2; exit 7'
  same "$status" 7
  same "$output" out
  same "$stderr" err
  run podwire run --rm alpine sh -c 'kill -KILL $$; sleep 5'
  same "$status" 0 # the first process of a pid namespace cannot kill itself
  nothing_left
}

@test "what cannot start says why: 127 not there, 126 not executable, 125 podwire's own" {
  run -127 podwire run --rm alpine no-such-program
  contains "$output" "no-such-program"
  run podwire run --rm alpine /etc/passwd
  same "$status" 126
  run podwire run --rm no-such-image sh
  same "$status" 125
  contains "$output" "podwire image import"
  run -127 podwire run -d alpine no-such-program
  nothing_left
}

@test "-i passes standard input on, -e the environment, -w the directory, --entrypoint the program" {
  same "$(echo hello | podwire run -i --rm alpine cat)" hello
  same "$(podwire run --rm alpine cat </dev/null)" ""
  same "$(GIVEN=g on host env GIVEN=g "$PODWIRE" run --rm -e A=1 -e GIVEN -e NOT_SET alpine sh -c 'echo $A $GIVEN ${NOT_SET-unset}')" "1 g unset"
  same "$(podwire run --rm -w /tmp alpine pwd)" /tmp
  same "$(podwire run --rm --entrypoint echo alpine -n hi)" hi
  same "$(podwire run --rm -u nobody alpine id -u)" 65534
  same "$(podwire run --rm --hostname web1 alpine hostname)" web1
}

@test "a terminal is handed on: run -t and exec -t see one" {
  need_program script
  contains "$(on host script -qec "$PODWIRE run -it --rm alpine tty" /dev/null </dev/null)" "/dev/pts/0"
  podwire run -d --name a alpine sleep 1000
  contains "$(on host script -qec "$PODWIRE exec -it a tty" /dev/null </dev/null)" "/dev/pts/"
  run podwire exec -it a tty </dev/null
  same "$status" 125
  contains "$output" "leave out -t"
}

@test "a detached shell with a terminal stays, as Docker's tutorials want it" {
  podwire run -dit --name a alpine sh
  same "$(podwire exec a echo there)" there
  same "$(podwire ps -q | wc -l)" 1
}

@test "exec runs in the same namespaces, with its own environment, user and status" {
  podwire run -d --name a -e FROM=run alpine sleep 1000
  same "$(podwire exec -e MORE=exec a sh -c 'echo $FROM $MORE')" "run exec"
  same "$(echo hello | podwire exec -i a cat)" hello
  same "$(podwire exec -u nobody -w /tmp a sh -c 'id -u; pwd' | xargs)" "65534 /tmp"
  run podwire exec a sh -c 'exit 9'
  same "$status" 9
  run -127 podwire exec a no-such-program
  same "$(podwire exec a -- ls -d /tmp)" /tmp
  run podwire exec nobody-here ls
  same "$status" 125
}

@test "logs tell the streams apart, tail, follow and stamp" {
  podwire run -d --name a alpine sh -c 'for i in 1 2 3; do echo line $i; done; echo oops >&2; printf unended; sleep 1; echo; echo last'
  run --separate-stderr podwire logs -f a
  same "$(tail -n1 <<<"$output")" last
  same "$stderr" oops
  same "$(podwire logs a 2>/dev/null | head -n1)" "line 1"
  same "$(podwire logs --tail 1 a)" last
  contains "$(podwire logs -t --tail 1 a)" "Z last"
}

@test "ls and inspect: the running ones, -a all, -q ids, -o wide, json, yaml" {
  web a -p 8080:80
  podwire run --name b alpine sh -c 'exit 3' || true
  contains "$(podwire ps)" "0.0.0.0:8080->80/tcp"
  same "$(podwire ps -q | wc -l)" 1
  same "$(podwire ps -aq | wc -l)" 2
  contains "$(podwire container ls -a)" "Exited (3)"
  contains "$(podwire ps -o wide)" "$(address_of a MacAddress)"
  json "$(podwire container ls -a -o json)" '[.[].Name]' '["a","b"]'
  contains "$(podwire container ls -o yaml)" "Name: a"
  json "$(podwire container inspect a)" '.[0].NetworkSettings.Ports."80/tcp"[0].HostPort' 8080
  json "$(podwire container inspect b)" '.[0].State | [.Status, .ExitCode]' '["exited",3]'
  local id
  id=$(podwire ps -q)
  json "$(podwire container inspect "$id")" '.[0].Name' a
}

@test "names are one container's, ids may be cut, misuse is explained" {
  podwire run -d --name a alpine sleep 1000
  fails podwire run -d --name a alpine sleep 1000
  contains "$stderr" "podwire container rm -f a"
  fails podwire run -d --name '../x' alpine sleep 1000
  fails podwire container rm a
  contains "$stderr" "rm -f a"
  fails podwire container inspect nobody
  contains "$stderr" "podwire container ls -a"
  fails podwire run -t --rm alpine sh </dev/null
  run podwire run --no-such-option alpine sh
  same "$status" 2
  run podwire run
  same "$status" 2
}

@test "stop asks first, rm removes, --rm leaves nothing" {
  podwire run -d --name a alpine sh -c 'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'
  podwire container stop a
  same "$(podwire logs a)" bye
  json "$(podwire container inspect a)" '.[0].State.ExitCode' 0
  same "$(host ip -br link show type veth)" ""
  podwire container rm a
  podwire run -d --rm --name b alpine sleep 1000
  podwire container stop -t 0 b
  nothing_left
}

@test "a keeper killed -9: the container goes on, rm -f ends it" {
  podwire run -d --name a alpine sleep 1000
  host pkill -9 -xf '.*podwire .* shim .*'
  contains "$(podwire ps)" "Up"
  reaches a 172.17.0.1
  podwire container rm -f a
  nothing_left
}

@test "container and keeper killed -9: the next command settles both" {
  podwire run -d --name a alpine sleep 1000
  podwire run -d --rm --name b alpine sleep 1000
  host pkill -9 -xf '.*podwire .* shim .*'
  host pkill -9 -x sleep || true
  wait_for sh -c '! nsenter -t '"${MACHINE[host]}"' -p -m pgrep -f "^sleep 1000$"'
  contains "$(podwire ps -a)" "Exited (?)"
  same "$(podwire ps -aq | wc -l)" 1
  same "$(host ip -br link show type veth)" ""
  podwire container rm a
  nothing_left
}

@test "podwire run killed -9 while it makes a container: the next command clears it away" {
  podwire run --rm alpine true # the image is there
  local delay
  for delay in 0.01 0.03 0.05 0.08 0.12; do
    host timeout -s KILL "$delay" "$PODWIRE" run -d --name a alpine sleep 1000 >/dev/null 2>&1 || true
    host sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do pgrep -f "podwire.* shim " >/dev/null || break; sleep 0.05; done'
    if [[ -n $(podwire ps -q) ]]; then podwire container rm -f a >/dev/null; fi
    podwire ps -a >/dev/null
    nothing_left
  done
}

@test "ten at once, each with an address of its own, and nothing after" {
  local i jobs=()
  for i in {1..10}; do
    podwire run -d --name "c$i" alpine sleep 1000 >/dev/null 3>&- &
    jobs+=($!)
  done
  wait "${jobs[@]}"
  same "$(podwire ps -q | wc -l)" 10
  same "$(podwire ps -o json | jq -r '.[].NetworkSettings.Networks[].IPAddress' | sort -u | wc -l)" 10
  jobs=()
  for i in {1..10}; do
    podwire container rm -f "c$i" >/dev/null 3>&- &
    jobs+=($!)
  done
  wait "${jobs[@]}"
  nothing_left
}

@test "the host's root is read-only below, and keeps its secrets" {
  same "$(podwire run --rm --rootfs host cat /etc/hostname >/dev/null && echo ran)" ran
  same "$(podwire run --rm host sh -c 'ls -A /root /home; cat /etc/shadow; ls -A /var/lib/podwire /etc/ssh' | grep -v ':$' | xargs)" ""
  same "$(podwire run --rm host sh -c 'touch /usr/written && echo wrote')" wrote
  same "$(host ls /usr/written 2>/dev/null)" ""
}

@test "volumes are seen, read-only ones cannot be written" {
  host sh -c 'mkdir /run/data && echo there >/run/data/file'
  same "$(podwire run --rm -v /run/data:/data alpine sh -c 'echo more >>/data/file; cat /data/file' | xargs)" "there more"
  fails podwire run --rm -v /run/data:/data:ro alpine touch /data/new
  fails podwire run --rm -v /no/such:/data alpine true
  contains "$stderr" "/no/such"
}

@test "podwire's own namespace: the host's stays untouched, netns shows and enters it" {
  export PODWIRE_NETNS=podwire
  local before after
  before=$(host ip -br address)
  web a -p 8080:80
  after=$(host ip -br address)
  same "$after" "$before"
  same "$(page host http://127.0.0.1:8080/)" ""
  same "$(podwire netns exec -- curl -s --max-time 2 http://127.0.0.1:8080/)" a
  contains "$(podwire netns exec ip -br address)" docker0
  same "$(podwire netns exec -- ls /sys/class/net/docker0/brif | wc -l)" 1
  contains "$(podwire netns exec -c a -- ip -br address)" "eth0"
  contains "$(podwire netns ls)" "container a"
  fails podwire netns rm
  contains "$stderr" "netns rm -f"
  podwire netns rm -f
  same "$(podwire netns ls -q)" ""
}

@test "a published port in podwire's own namespace comes with a word how to reach it" {
  export PODWIRE_NETNS=podwire
  succeeds podwire run -d --name a -p 8080:80 alpine sleep 100
  contains "$stderr" "podwire netns exec -- curl http://127.0.0.1:8080/"
  [[ $output =~ ^[0-9a-f]{64}$ ]]
}
