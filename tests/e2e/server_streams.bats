#!/usr/bin/env bats
# kubectl logs, exec, attach, cp and port-forward, through the API server to what a node serves. The node is fake: its
# one pod's processes are the machine's own.

load helpers
load server_helpers

FAKE_NODE=$(dirname "$PODWIRE")/tests/node/fake_node

setup() {
  [[ -x $FAKE_NODE ]] || skip "needs $FAKE_NODE"
  start_server --in-memory
  LOG=$BATS_TEST_TMPDIR/container.log
  on cp "$FAKE_NODE" "$DATA/pki" "$LOG" 3>&- >"$BATS_TEST_TMPDIR/node.port" 2>"$BATS_TEST_TMPDIR/node.log" &
  wait_for test -s "$BATS_TEST_TMPDIR/node.port"
  apply_file node <<'YAML'
apiVersion: v1
kind: Node
metadata: {name: n1}
YAML
  kubectl patch node n1 --subresource=status --type=merge -p "{\"status\":{
    \"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],
    \"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":$(<"$BATS_TEST_TMPDIR/node.port")}}}}"
  apply_file pod <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: n1, containers: [{name: c, image: busybox, stdin: true}, {name: creating, image: busybox}]}
YAML
  kubectl patch pod web --subresource=status --type=merge -p '{"status":{"phase":"Running"}}'
}

teardown() { stop_machines; }

# say STREAM TEXT...: lines of the container's log.
say() {
  local stream=$1 line
  shift
  for line in "$@"; do echo "2026-11-23T07:00:00.000000001Z $stream F $line" >>"$LOG"; done
}

no_sleeper() { ! on cp pgrep -xf "sleep 4711"; }

connections_to_node() {
  local port
  port=$(<"$BATS_TEST_TMPDIR/node.port")
  (($(on cp ss -Htn state established "dport = :$port" | wc -l) == $1))
}

@test "logs: all, the last lines, times, one stream, a limit" {
  say stdout one two
  say stderr three
  succeeds kubectl logs web -c c
  same "$output" $'one\ntwo\nthree'
  succeeds kubectl logs web -c c --tail=2
  same "$output" $'two\nthree'
  succeeds kubectl logs web -c c --tail=1 --timestamps
  same "$output" "2026-11-23T07:00:00.000000001Z three"
  succeeds kubectl logs web -c c --since-time=2026-11-23T08:00:00Z
  same "$output" ""
  succeeds kubectl logs web -c c --limit-bytes=5
  same "$output" $'one\nt'
  succeeds kubectl get --raw '/api/v1/namespaces/default/pods/web/log?container=c&stream=Stderr'
  same "$output" three
}

@test "logs -f follows, also into a new file, and ends with the container" {
  say stdout one
  kubectl logs -f web -c c 3>&- >"$BATS_TEST_TMPDIR/followed" &
  local follower=$!
  wait_for grep -q one "$BATS_TEST_TMPDIR/followed"
  say stdout two
  mv "$LOG" "$LOG.20261123-070000"
  say stdout three
  wait_for grep -q three "$BATS_TEST_TMPDIR/followed"
  say stdout four
  touch "$LOG.ended"
  wait "$follower"
  same "$(<"$BATS_TEST_TMPDIR/followed")" $'one\ntwo\nthree\nfour'
}

@test "refusals are a sentence" {
  fails kubectl get --raw /api/v1/namespaces/default/pods/web/log
  contains "$stderr" "a container name must be specified for pod web, choose one of: [c creating]"
  fails kubectl logs web -c creating
  contains "$stderr" 'container "creating" in pod "web" is waiting to start: ContainerCreating'
  fails kubectl logs web -c c --previous
  contains "$stderr" 'previous terminated container "c" in pod "web" not found'
  fails kubectl logs web -c nope
  contains "$stderr" "container nope is not valid for pod web"
  fails kubectl exec web -c creating -- true
  contains "$stderr" "ContainerCreating"
  fails kubectl exec web -c c -- /no/such/program
  contains "$stderr" "/no/such/program"
}

@test "exec: output, errors, exit status" {
  run --separate-stderr kubectl exec web -c c -- sh -c 'echo out; echo err >&2; exit 7'
  same "$status" 7
  same "$output" out
  contains "$stderr" err
  succeeds kubectl exec web -c c -- echo "two words" 'and "quotes" & such'
  same "$output" 'two words and "quotes" & such'
}

@test "exec -i: input to its end, megabytes both ways" {
  head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/sent"
  kubectl exec -i web -c c -- cat <"$BATS_TEST_TMPDIR/sent" >"$BATS_TEST_TMPDIR/back"
  cmp "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/back"
}

@test "exec: who goes away takes the command along" {
  kubectl exec web -c c -- sleep 4711 3>&- >/dev/null 2>&1 &
  wait_for on cp pgrep -xf "sleep 4711"
  on cp pkill -9 -xf ".*kubectl exec web -c c -- sleep 4711"
  wait_for no_sleeper
  # And who follows a log that says nothing.
  say stdout one
  kubectl logs -f web -c c 3>&- >"$BATS_TEST_TMPDIR/followed" 2>/dev/null &
  wait_for grep -q one "$BATS_TEST_TMPDIR/followed"
  wait_for connections_to_node 1
  on cp pkill -9 -xf ".*kubectl logs -f web -c c"
  wait_for connections_to_node 0
}

@test "exec -t: a terminal of the client's size" {
  need_program script
  export -f kubectl on
  export KUBECONFIG BATS_TEST_TMPDIR CLIENTS
  cat >"$BATS_TEST_TMPDIR/sized" <<SH
stty rows 33 cols 111
exec env KUBECONFIG=$KUBECONFIG HOME=$BATS_TEST_TMPDIR $CLIENTS/kubectl exec -it web -c c -- sh -c \
  'while [ "\$(stty size)" != "33 111" ]; do sleep 0.05; done; tty; stty size'
SH
  on cp timeout 20 script -qec "sh $BATS_TEST_TMPDIR/sized" /dev/null </dev/null 3>&- >"$BATS_TEST_TMPDIR/seen"
  contains "$(<"$BATS_TEST_TMPDIR/seen")" "/dev/pts/"
  contains "$(<"$BATS_TEST_TMPDIR/seen")" "33 111"
}

@test "attach: the container's own streams" {
  run --separate-stderr kubectl attach -i web -c c <<<"a line"
  contains "$output" attached
  contains "$output" "heard a line"
}

@test "cp: there and back" {
  need_program tar
  mkdir -p "$BATS_TEST_TMPDIR/tree/below" "$BATS_TEST_TMPDIR/there"
  head -c 500000 /dev/urandom >"$BATS_TEST_TMPDIR/tree/below/file"
  succeeds kubectl cp "$BATS_TEST_TMPDIR/tree" "default/web:$BATS_TEST_TMPDIR/there" -c c
  cmp "$BATS_TEST_TMPDIR/tree/below/file" "$BATS_TEST_TMPDIR/there/tree/below/file"
  succeeds kubectl cp "web:$BATS_TEST_TMPDIR/there/tree/below/file" "$BATS_TEST_TMPDIR/back" -c c
  cmp "$BATS_TEST_TMPDIR/tree/below/file" "$BATS_TEST_TMPDIR/back"
}

@test "port-forward: connections one after the other and at once; a closed port is told" {
  need_program curl
  mkdir -p "$BATS_TEST_TMPDIR/site"
  head -c 2000000 /dev/urandom >"$BATS_TEST_TMPDIR/site/file"
  on cp env NGINX_PORT=8081 NGINX_ROOT="$BATS_TEST_TMPDIR/site" "$PODWIRE_CNI" stand-in nginx 3>&- >/dev/null &
  kubectl port-forward pod/web 9090:8081 9091:8082 3>&- >"$BATS_TEST_TMPDIR/forward" 2>&1 &
  wait_for grep -q "9091 -> 8082" "$BATS_TEST_TMPDIR/forward"
  local i fetched=()
  for i in 1 2 3; do
    on cp curl -sf -o "$BATS_TEST_TMPDIR/got$i" http://127.0.0.1:9090/file 3>&- &
    fetched+=($!)
  done
  wait "${fetched[@]}"
  for i in 1 2 3; do cmp "$BATS_TEST_TMPDIR/site/file" "$BATS_TEST_TMPDIR/got$i"; done
  fails on cp curl -s --max-time 20 http://127.0.0.1:9091/
  wait_for grep -q "error forwarding port 8082 to pod web" "$BATS_TEST_TMPDIR/forward"
}

@test "@kubernetes/client-node: log, exec, port-forward" {
  need_program node
  cp "$REPO/tests/clients/streams.mjs" "$BATS_TEST_TMPDIR"
  ln -s "$CLIENTS/node_modules" "$BATS_TEST_TMPDIR/node_modules"
  say stdout one two
  on cp "$PODWIRE_CNI" stand-in agnhost netexec --http-port=8081 --udp-port=-1 3>&- >/dev/null &
  succeeds on cp timeout 60 env KUBECONFIG="$KUBECONFIG" node "$BATS_TEST_TMPDIR/streams.mjs" 8081
  json "$output" .log two
  json "$output" .failed '{"stdout":"out\n","stderr":"err\n","status":"Failure","causes":[{"reason":"ExitCode","message":"7"}]}'
  json "$output" .echoed.stdout "from here"
  json "$output" .forwarded '["HTTP/1.1 200 OK","HTTP/1.1 200 OK"]'
}

@test "rights: reading pods is not running programs in them; a node that is gone is named" {
  succeeds kubectl create serviceaccount viewer
  succeeds kubectl create role viewer --verb=get --resource=pods,pods/log,pods/exec
  succeeds kubectl create rolebinding viewer --role=viewer --serviceaccount=default:viewer
  local as=--as=system:serviceaccount:default:viewer
  say stdout one
  succeeds kubectl logs web -c c "$as"
  fails kubectl exec web -c c "$as" -- true
  contains "$stderr" 'cannot create resource "pods/exec"'
  on cp pkill -f fake_node
  fails kubectl logs web -c c
  contains "$stderr" "node n1 cannot be asked"
  contains "$stderr" "Connection refused"
}
