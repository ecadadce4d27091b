#!/usr/bin/env bats
# podwire server when things go wrong: it is killed, the disk is full, its file is not what it should be, clients send too
# much or too slowly.

load helpers
load server_helpers

setup() {
  DATA=$BATS_TEST_TMPDIR/server
  TOKENS=$BATS_TEST_TMPDIR/tokens
  printf 'letmein,root,,"system:masters"\n' >"$TOKENS"
}
teardown() { stop_machines; }

MAPS=https://127.0.0.1:6443/api/v1/namespaces/default/configmaps

# request [CURL OPTIONS...]: as root, the answer and then its status in a line of its own.
request() {
  on cp curl -sk -m 60 -H "Authorization: Bearer letmein" -H "Content-Type: application/json" -w '\n%{http_code}\n' "$@"
}

# config_map NAME BYTES: as JSON.
config_map() { printf '{"metadata":{"name":"%s"},"data":{"x":"%s"}}' "$1" "$(head -c "$2" /dev/zero | tr '\0' x)"; }

@test "kill -9 under writers, 100 times: all that was acknowledged is there, whole, and no address twice" {
  need_root
  need_program node
  start_machine cp
  mkdir -p "$DATA"
  succeeds on cp timeout 240 node "$REPO/tests/clients/kill_rounds.mjs" "$PODWIRE" "$DATA" 100
  json "$output" '[.rounds, .writes > 2000, .cut_off > 100]' '[100,true,true]'
}

@test "a full disk: writes are refused with the reason, reads and watches go on, and then writes again" {
  need_root
  start_machine cp
  mkdir -p "$DATA"
  on cp mount -t tmpfs -o size=16m tmpfs "$DATA"
  KUBECONFIG=$DATA/admin.kubeconfig
  on cp "$PODWIRE" server --data-dir "$DATA" --token-file "$TOKENS" 3>&- >"$BATS_TEST_TMPDIR/server.log" 2>&1 &
  SERVER=$!
  wait_for on cp curl -skf https://127.0.0.1:6443/readyz
  wait_for on cp test -s "$KUBECONFIG"
  request -N "$MAPS?watch=true" 3>&- >"$BATS_TEST_TMPDIR/watched" &

  local n refused=""
  for ((n = 0; n < 100; ++n)); do
    config_map "big-$n" 300000 >"$BATS_TEST_TMPDIR/body"
    request "$MAPS" --data-binary "@$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/answer"
    if [[ $(tail -n1 "$BATS_TEST_TMPDIR/answer") != 201 ]]; then
      refused=$(head -n1 "$BATS_TEST_TMPDIR/answer")
      break
    fi
  done
  ((n > 5))
  json "$refused" '[.kind,.status,.code,.reason]' '["Status","Failure",500,"InternalError"]'
  contains "$refused" "database or disk is full: make space; it goes on by itself then"
  contains "$refused" "nothing was changed"

  json "$(request "$MAPS/big-0" | head -n1)" .metadata.name big-0
  json "$(request "$MAPS" | head -n1)" '[.items[].metadata.name | select(startswith("big"))] | length' "$n"
  same "$(request "$MAPS/big-$n" | tail -n1)" 404
  same "$(request https://127.0.0.1:6443/readyz | tail -n1)" 500 # it says that it cannot write
  run ! grep -q "\"name\":\"big-$n\"" "$BATS_TEST_TMPDIR/watched"

  on cp mount -o remount,size=64m "$DATA"
  same "$(request "$MAPS" --data-binary "@$BATS_TEST_TMPDIR/body" | tail -n1)" 201
  wait_for grep -q "\"name\":\"big-$n\"" "$BATS_TEST_TMPDIR/watched"
  wait_for on cp curl -skf https://127.0.0.1:6443/readyz

  stop_server KILL
  on cp "$PODWIRE" server --data-dir "$DATA" --token-file "$TOKENS" 3>&- >"$BATS_TEST_TMPDIR/server.log" 2>&1 &
  SERVER=$!
  wait_for on cp curl -skf https://127.0.0.1:6443/readyz
  json "$(request "$MAPS" | head -n1)" '[.items[].metadata.name | select(startswith("big"))] | length' $((n + 1))
}

# poke OFFSET BYTES: into the database.
poke() { printf '%b' "$2" | dd of="$DATA/state.db" bs=1 seek="$1" conv=notrunc status=none; }

# refuses SENTENCE...: to start, with all of these, and leaves the file as it is.
refuses() {
  local before sentence
  before=$(sha256sum "$DATA/state.db")
  fails on cp timeout 20 "$PODWIRE" server --data-dir "$DATA"
  same "$status" 1
  contains "$stderr" "$DATA/state.db"
  for sentence in "$@"; do contains "$stderr" "$sentence"; done
  same "$(sha256sum "$DATA/state.db")" "$before"
}

@test "a database of a newer version, of another program, torn, truncated or in use is refused with what to do" {
  start_server
  local away="move it away, with its -wal and -shm files, to start with an empty one"
  fails on cp "$PODWIRE" server --data-dir "$DATA" --listen 127.0.0.1:6444
  contains "$stderr" "another podwire server is using it; stop that one first"
  local n
  for ((n = 0; n < 8; ++n)); do
    succeeds kubectl create configmap "c$n" --from-literal=x="$(head -c 20000 /dev/zero | tr '\0' x)"
  done
  stop_server TERM
  cp "$DATA/state.db" "$BATS_TEST_TMPDIR/good.db"
  restore() { rm -f "$DATA"/state.db*; cp "$BATS_TEST_TMPDIR/good.db" "$DATA/state.db"; }

  poke 60 '\0\0\0\143' # PRAGMA user_version = 99
  refuses "it was written by a newer podwire (format 99, this one knows 1); run that one, or $away"
  restore
  poke 68 'else' # PRAGMA application_id
  refuses "it is no database of podwire's, or torn" "$away"
  restore
  truncate -s 50000 "$DATA/state.db"
  refuses "it is damaged" "$away"
  restore
  dd if=/dev/zero of="$DATA/state.db" bs=4096 seek=3 count=20 conv=notrunc status=none
  refuses "it is damaged" "$away"
  restore
  truncate -s 0 "$DATA/state.db"
  refuses "$away"
  echo "a shopping list" >"$DATA/state.db"
  refuses "no database" "$away"

  # The log without the database is no empty store.
  rm -f "$DATA"/state.db*
  echo x >"$DATA/state.db-wal"
  fails on cp timeout 20 "$PODWIRE" server --data-dir "$DATA"
  contains "$stderr" "bring the two together again, or move that away to start with an empty one"

  rm "$DATA/state.db-wal"
  restore
  start_server
  same "$(kubectl get configmaps -o name | grep -c /c)" 8
}

@test "requests that are too large or too slow get a Status, and the others go on" {
  start_server --token-file "$TOKENS"
  local answer
  config_map large 4000000 >"$BATS_TEST_TMPDIR/body"
  answer=$(request "$MAPS" --data-binary "@$BATS_TEST_TMPDIR/body")
  same "${answer##*$'\n'}" 413
  json "$(head -n1 <<<"$answer")" '[.kind,.status,.code,.reason]' '["Status","Failure",413,"RequestEntityTooLarge"]'

  answer=$(request "$MAPS" -H "X-Long: $(head -c 100000 /dev/zero | tr '\0' x)")
  same "${answer##*$'\n'}" 431
  json "$(head -n1 <<<"$answer")" '[.kind,.status,.code]' '["Status","Failure",431]'

  # A client that never comes to the end of its header, beside one that works.
  on cp mkfifo "$BATS_TEST_TMPDIR/fifo"
  on cp timeout 60 openssl s_client -quiet -connect 127.0.0.1:6443 <"$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/slow" 2>/dev/null 3>&- &
  exec {slow}>"$BATS_TEST_TMPDIR/fifo"
  printf 'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n' >&"$slow"
  succeeds kubectl create configmap quick
  wait_up_to 60 grep -q "^HTTP/1.1 408 " "$BATS_TEST_TMPDIR/slow"
  json "$(tail -n1 "$BATS_TEST_TMPDIR/slow")" '[.kind,.status,.code,.reason]' '["Status","Failure",408,"Timeout"]'
  succeeds kubectl get configmap quick
  exec {slow}>&-
}
