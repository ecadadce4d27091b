#!/usr/bin/env bats
# Who may do what, as kubectl 1.35, curl and openssl see it.

load helpers
load server_helpers

setup() { start_server --in-memory; }
teardown() { stop_machines; }

# with_token TOKEN ARGS...: kubectl as whoever has the token.
with_token() {
  on cp env KUBECACHEDIR="$BATS_TEST_TMPDIR/token-cache" HOME="$BATS_TEST_TMPDIR" "$CLIENTS/kubectl" --kubeconfig /dev/null \
    --server https://127.0.0.1:6443 --certificate-authority "$DATA/pki/ca.crt" --token "$@"
}

# as_web ARGS...: kubectl as the ServiceAccount web.
as_web() { with_token "$(kubectl create token web)" "$@"; }

# post_csr NODE PASSWORD [SECRET [SUBJECT]]: joins; the status code is printed, the body is in NODE.crt.
post_csr() {
  local node=$BATS_TEST_TMPDIR/$1
  local secret=${3:-$(sed 's/.*::node://' "$DATA/node-token")}
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$node.key" -out "$node.csr" \
    -subj "${4:-/O=system:nodes/CN=system:node:$1}" 2>/dev/null
  on cp curl -sS -o "$node.crt" -w '%{http_code}' --cacert "$DATA/pki/ca.crt" -u "node:$secret" -H "Podwire-Node-Password: $2" \
    --data-binary "@$node.csr" https://127.0.0.1:6443/v1-podwire/node-certificate
}

# as_node NODE ARGS...: kubectl with the certificate that the node joined with.
as_node() {
  local node=$1
  shift
  on cp env KUBECACHEDIR="$BATS_TEST_TMPDIR/node-cache" HOME="$BATS_TEST_TMPDIR" "$CLIENTS/kubectl" --kubeconfig /dev/null \
    --server https://127.0.0.1:6443 --certificate-authority "$DATA/pki/ca.crt" \
    --client-certificate "$BATS_TEST_TMPDIR/$node.crt" --client-key "$BATS_TEST_TMPDIR/$node.key" "$@"
}

PASSWORD=0123456789abcdef0123456789abcdef

join_n1() {
  same "$(post_csr n1 "$PASSWORD")" 201
  succeeds as_node n1 create -f - <<<'{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"}}'
}

@test "a ServiceAccount's token is known, and gives no rights by itself" {
  succeeds kubectl create serviceaccount web
  succeeds as_web auth whoami
  contains "$output" "system:serviceaccount:default:web"
  contains "$output" "system:serviceaccounts:default"
  fails as_web get pods
  contains "$stderr" 'User "system:serviceaccount:default:web" cannot list resource "pods" in API group "" in the namespace "default"'
  fails with_token "$(kubectl create token default)" get configmaps
  succeeds as_web auth can-i --list
  contains "$output" "selfsubjectaccessreviews.authorization.k8s.io"
}

@test "a RoleBinding opens exactly that" {
  succeeds kubectl create serviceaccount web
  succeeds kubectl create role reader --verb=get,list --resource=pods
  succeeds kubectl create rolebinding web --role=reader --serviceaccount=default:web
  wait_for as_web get pods
  fails as_web get secrets
  fails as_web get pods -n kube-system
  fails as_web delete pod x
  succeeds as_web auth can-i list pods
  same "$output" yes
  fails as_web auth can-i list secrets
  contains "$output" no
  succeeds as_web auth can-i --list
  contains "$output" "[get list]"
}

@test "refused: too short, not there, gone, and what nobody has signed" {
  succeeds kubectl create serviceaccount web
  fails kubectl create token web --duration 5m
  contains "$stderr" "may not specify a duration less than 10 minutes"
  fails kubectl create token nobody
  contains "$stderr" 'serviceaccounts "nobody" not found'
  fails kubectl create token web --bound-object-kind Pod --bound-object-name x
  contains "$stderr" 'pods "x" not found'
  local token
  token=$(kubectl create token web)
  succeeds with_token "$token" auth whoami
  succeeds kubectl delete serviceaccount web
  fails with_token "$token" auth whoami
  fails with_token "${token%.*}." auth whoami
  same "$(on cp curl -sS -o "$BATS_TEST_TMPDIR/out" -w '%{http_code}' --cacert "$DATA/pki/ca.crt" https://127.0.0.1:6443/api)" 401
}

@test "a token that is bound to a pod ends with it; TokenReview tells the same" {
  succeeds kubectl create serviceaccount web
  apply_file pod <<<'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"serviceAccountName":"web","containers":[{"name":"c","image":"i"}]}}'
  local token
  token=$(kubectl create token web --bound-object-kind Pod --bound-object-name p)
  succeeds with_token "$token" auth whoami
  contains "$output" "authentication.kubernetes.io/pod-name"
  # Without OpenAPI v2 kubectl cannot check kinds by itself that are only posted.
  review() { kubectl create --validate=false -o "jsonpath={.status.authenticated}" -f - <<<"{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":\"$1\"}}"; }
  same "$(review "$token")" true
  succeeds kubectl delete pod p --grace-period=0 --force
  fails with_token "$token" auth whoami
  same "$(review "$token")" false
}

@test "nobody gives away more than he has" {
  succeeds kubectl create serviceaccount web
  succeeds kubectl create rolebinding web --clusterrole=admin --serviceaccount=default:web
  wait_for as_web get secrets
  succeeds as_web create role small --verb=get --resource=secrets
  fails as_web create role large --verb=get --resource=nodes
  contains "$stderr" "is attempting to grant RBAC permissions not currently held"
  contains "$stderr" '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}'
  fails as_web create rolebinding more --clusterrole=cluster-admin --user=me
  contains "$stderr" '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}'
}

@test "admin, edit and view are sums, shown as such" {
  contains "$(kubectl get clusterrole view -o json)" '"endpointslices"'
  apply_file more <<<'{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"more","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"verbs":["get"],"apiGroups":["example.com"],"resources":["things"]}]}'
  shows_things() { kubectl get clusterrole admin -o json | grep -q '"things"'; }
  wait_for shows_things
}

@test "a machine joins with the token, and its name is its own" {
  same "$(on cp curl -sSk https://127.0.0.1:6443/cacerts | sha256sum | cut -d' ' -f1)" "$(sed 's/^K10\(.*\)::.*/\1/' "$DATA/node-token")"
  join_n1
  succeeds as_node n1 auth whoami
  contains "$output" "system:node:n1"
  same "$(post_csr n2 "$PASSWORD" wrong-wrong-wrong-wrong)" 401
  same "$(post_csr admin "$PASSWORD" "" /O=system:masters/CN=admin)" 403
  same "$(post_csr n1 "$PASSWORD")" 201
  same "$(post_csr n1 "another-$PASSWORD")" 403
  contains "$(cat "$BATS_TEST_TMPDIR/n1.crt")" "delete the Secret kube-system/n1.node-password.podwire"
}

@test "a node is held to itself and to its pods" {
  join_n1
  succeeds kubectl create -f - <<<'{"apiVersion":"v1","kind":"Node","metadata":{"name":"n2"}}'
  fails as_node n1 label node n2 a=b
  contains "$stderr" 'node "n1" is not allowed to modify node "n2"'
  fails as_node n1 taint node n1 a=b:NoSchedule
  contains "$stderr" 'node "n1" is not allowed to modify taints'
  fails as_node n1 label node n1 node-restriction.kubernetes.io/a=b
  contains "$stderr" "is not allowed to modify labels: node-restriction.kubernetes.io/a"
  succeeds as_node n1 label node n1 example.com/a=b
  succeeds as_node n1 get pods,services,nodes,endpointslices,networkpolicies -A
  fails as_node n1 get secrets -A
  fails as_node n1 delete node n1
  succeeds kubectl create serviceaccount web
  succeeds kubectl create secret generic s --from-literal=a=b
  fails as_node n1 get secret s
  contains "$stderr" "no relationship found between node 'n1' and this object"
  apply_file pod <<<'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"nodeName":"n1","serviceAccountName":"web","containers":[{"name":"c","image":"i","envFrom":[{"secretRef":{"name":"s"}}]}]}}'
  wait_for as_node n1 get secret s
  fails as_node n1 create token web
  contains "$stderr" "node requested token not bound to a pod"
  succeeds as_node n1 create token web --bound-object-kind Pod --bound-object-name p --bound-object-uid "$(field pod/p .metadata.uid)"
  fails as_node n1 auth can-i get secret/other
  contains "$output" "no - no relationship found"
  succeeds as_node n1 auth can-i --list
  contains "$stderr" "the list may be incomplete"
}
