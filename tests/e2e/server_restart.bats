#!/usr/bin/env bats
# What podwire server keeps, whatever ends it.

load helpers
load server_helpers

setup() { start_server; }
teardown() { stop_machines; }

restart() {
  stop_server "$1"
  start_server
}

@test "objects, addresses and certificates outlive a restart; revisions go on" {
  succeeds kubectl create configmap a --from-literal=x=y
  succeeds kubectl create service clusterip web --tcp=80
  local ip revision config
  ip=$(field svc/web .spec.clusterIP)
  revision=$(field cm/a .metadata.resourceVersion)
  config=$(<"$KUBECONFIG")
  restart TERM
  same "$(field cm/a .data.x)" y
  same "$(field cm/a .metadata.resourceVersion)" "$revision"
  same "$(<"$KUBECONFIG")" "$config"
  fails kubectl create service clusterip other --clusterip="$ip" --tcp=80
  contains "$stderr" "provided IP is already allocated"
  succeeds kubectl create configmap b
  (($(field cm/b .metadata.resourceVersion) > revision))
}

@test "kill -9 while writing: what was acknowledged is there" {
  local round i
  for round in 1 2 3; do
    (for ((i = 0; i < 50; ++i)); do
      kubectl create configmap "r$round-$i" >/dev/null 2>&1 && echo "r$round-$i" >>"$BATS_TEST_TMPDIR/acknowledged"
    done) 3>&- &
    local writer=$!
    wait_for grep -q "r$round-3" "$BATS_TEST_TMPDIR/acknowledged"
    stop_server KILL
    kill "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    start_server
    kubectl get configmaps -o name | sed 's,configmap/,,' | sort >"$BATS_TEST_TMPDIR/there"
    same "$(sort "$BATS_TEST_TMPDIR/acknowledged" | comm -23 - "$BATS_TEST_TMPDIR/there")" ""
  done
}

@test "misuse is said at once: ranges that overlap, a port that is taken, a damaged database" {
  fails on cp "$PODWIRE" server --data-dir "$BATS_TEST_TMPDIR/x" --service-cidr 10.244.0.0/16
  contains "$stderr" "overlaps --cluster-cidr"
  fails on cp "$PODWIRE" server --data-dir "$BATS_TEST_TMPDIR/x" --in-memory
  contains "$stderr" "listen on 127.0.0.1 port 6443: Address already in use"
  stop_server TERM
  echo garbage >"$DATA/state.db"
  fails on cp "$PODWIRE" server --data-dir "$DATA"
  contains "$stderr" state.db
}

@test "bodies that are not as they should be are refused, and nothing is stored" {
  printf 'letmein,root,,"system:masters"\n' >"$BATS_TEST_TMPDIR/tokens"
  stop_server TERM
  start_server --token-file "$BATS_TEST_TMPDIR/tokens"
  local maps=https://127.0.0.1:6443/api/v1/namespaces/default/configmaps
  local post=(on cp curl -sk -H "Authorization: Bearer letmein" -H "Content-Type: application/json")
  local twice='{"metadata":{"name":"a"},"data":{"x":"1"},"data":{"x":"2"}}'
  contains "$("${post[@]}" "$maps?fieldValidation=Strict" -d "$twice")" 'duplicate field \"data\"'
  contains "$("${post[@]}" -i "$maps?dryRun=All" -d "$twice")" 'duplicate field \"data\"'
  json "$("${post[@]}" "$maps" -d '{"metadata":')" .code 400
  json "$("${post[@]}" "$maps" -d '[]')" .code 400
  json "$("${post[@]}" "$maps" -d '{"metadata":{"name":"Bad_Name"}}')" .code 422
  json "$("${post[@]}" "$maps?dryRun=Perhaps" -d '{}')" .code 422
  json "$(on cp curl -sk -H "Authorization: Bearer letmein" -H "Content-Type: text/plain" "$maps" -d x)" .code 415
  json "$("${post[@]}" -X PATCH "$maps/a" -d '{}')" .code 415
  json "$("${post[@]}" https://127.0.0.1:6443/api/v1/nosuch -d '{}')" .code 404
  json "$(head -c 4000000 /dev/zero | "${post[@]}" "$maps" --data-binary @-)" .code 413
  same "$(kubectl get configmaps -o name)" configmap/kube-root-ca.crt
}

@test "nobody without a certificate or a token gets in, and a user gets what a role allows" {
  printf 'letmein,alice,7,"dev"\n' >"$BATS_TEST_TMPDIR/tokens"
  stop_server TERM
  start_server --token-file "$BATS_TEST_TMPDIR/tokens"
  local url=https://127.0.0.1:6443
  same "$(on cp curl -sk -o /dev/null -w '%{http_code}' $url/api/v1/pods)" 401
  same "$(on cp curl -sk $url/healthz)" ok
  local alice=(on cp curl -sk -H "Authorization: Bearer letmein")
  json "$("${alice[@]}" "$url/api/v1/namespaces/default/pods")" .message \
    'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"'
  succeeds kubectl create role reader --verb=list --resource=pods
  succeeds kubectl create rolebinding reads --role=reader --group=dev
  json "$("${alice[@]}" "$url/api/v1/namespaces/default/pods")" .kind PodList
  json "$("${alice[@]}" "$url/api/v1/pods")" .code 403
}
