# shellcheck shell=bash
# An API server on a machine named "cp", and clients of it that nobody here wrote. Needs helpers.

CLIENTS=$REPO/build/clients

# start_server [OPTIONS...]: podwire server on the machine cp; kubectl and helm find it.
start_server() {
  need_root
  need_client kubectl
  [[ -v MACHINE[cp] ]] || start_machine cp
  DATA=$BATS_TEST_TMPDIR/server
  KUBECONFIG=$DATA/admin.kubeconfig
  on cp "$PODWIRE" server --data-dir "$DATA" "$@" 3>&- >"$BATS_TEST_TMPDIR/server.log" 2>&1 &
  SERVER=$!
  wait_for server_ready
}

need_client() { [[ -x $CLIENTS/$1 ]] || skip "needs build/clients/$1: ./dev setup"; }

server_ready() { [[ -s $KUBECONFIG ]] && kubectl get --raw /readyz >/dev/null; }

# server_pid: as the machine sees it.
server_pid() { on cp pgrep -f -- "podwire server"; }

# stop_server SIGNAL: and wait for its end.
stop_server() {
  on cp pkill "-$1" -f -- "podwire server"
  wait "$SERVER" || true
}

kubectl() {
  on cp env KUBE_EDITOR="${KUBE_EDITOR:-false}" KUBECONFIG="$KUBECONFIG" KUBECACHEDIR="$BATS_TEST_TMPDIR/kubecache" HOME="$BATS_TEST_TMPDIR" \
    "$CLIENTS/kubectl" "$@"
}

helm() {
  on cp env KUBECONFIG="$KUBECONFIG" KUBECACHEDIR="$BATS_TEST_TMPDIR/kubecache" HOME="$BATS_TEST_TMPDIR" \
    "$CLIENTS/helm" "$@"
}

# apply_file NAME [FLAGS...] <MANIFEST: through a file, as people do.
apply_file() {
  cat >"$BATS_TEST_TMPDIR/$1.yaml"
  succeeds kubectl apply "${@:2}" -f "$BATS_TEST_TMPDIR/$1.yaml"
}

# field OBJECT JSONPATH: of kubectl get, for example: field svc/web .spec.clusterIP
field() { kubectl get "$1" -o "jsonpath={$2}" "${@:3}"; }
