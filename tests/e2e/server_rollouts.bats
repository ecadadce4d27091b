#!/usr/bin/env bats
# What the controllers of podwire server do, as kubectl asks for it and sees it. Nodes run no containers here: a stand-in
# for their kubelets says of every pod that is bound to one that it runs.

load helpers
load server_helpers

setup() {
  need_program node
  printf 'letmein,root,,"system:masters"\n' >"$BATS_TEST_TMPDIR/tokens"
  start_server --in-memory --token-file "$BATS_TEST_TMPDIR/tokens"
  on cp node "$REPO/tests/clients/kubelet.mjs" "$DATA/pki/ca.crt" letmein n1 n2 n3 \
    3>&- >"$BATS_TEST_TMPDIR/kubelet.log" 2>&1 &
  wait_for grep -q ready "$BATS_TEST_TMPDIR/kubelet.log"
}
teardown() { stop_machines; }

# rolled_out NAME: the Deployment's rollout has come to its end.
rolled_out() {
  succeeds kubectl rollout status "deployment/$1" --timeout=30s
  contains "$output" "deployment \"$1\" successfully rolled out"
}

# pods SELECTOR: how many are not on their way out.
pods() { kubectl get pods -l "$1" -o json | jq '[.items[] | select(.metadata.deletionTimestamp == null)] | length'; }
# are COUNT SELECTOR
are() { (($(pods "$2") == $1)); }
is_field() { [[ $(field "$1" "$2") == "$3" ]]; }
no_slices() { [[ -z $(kubectl get endpointslices -l "kubernetes.io/service-name=$1" -o name) ]]; }

# endpoints SERVICE: how many ready addresses are behind it.
endpoints() {
  kubectl get endpointslices -l "kubernetes.io/service-name=$1" -o json |
    jq '[.items[].endpoints[]? | select(.conditions.ready) | .addresses[]] | unique | length'
}
endpoints_are() { (($(endpoints "$1") == $2)); }

@test "the talk's application: a Deployment makes pods, its Service finds them, and all goes again" {
  succeeds kubectl apply -f "$REPO/examples/hello.yml"
  rolled_out hello
  succeeds kubectl wait --for=condition=Available deployment/hello --timeout=10s
  succeeds kubectl wait --for=condition=Ready pod -l app=hello --timeout=10s
  wait_for endpoints_are hello 3
  succeeds kubectl get endpoints hello
  contains "$output" ":8080"
  same "$(kubectl get pods -l app=hello -o jsonpath='{.items[*].spec.nodeName}' | tr ' ' '\n' | sort | xargs)" "n1 n2 n3"
  succeeds kubectl get deployment hello
  contains "$output" "3/3"
  succeeds kubectl describe deployment hello
  contains "$output" "3 desired | 3 updated | 3 total | 3 available | 0 unavailable"
  contains "$output" "Scaled up replica set hello-"
  succeeds kubectl describe service hello
  contains "$output" ":8080"
  succeeds kubectl describe pod -l app=hello
  contains "$output" "Controlled By:  ReplicaSet/hello-"
  contains "$output" "Successfully assigned default/hello-"
  succeeds kubectl describe node n1
  contains "$output" "default"
  succeeds kubectl delete -f "$REPO/examples/hello.yml"
  wait_for are 0 app=hello
  wait_for endpoints_are hello 0
}

@test "rollout: a new image, its history, undo, restart, pause and resume" {
  succeeds kubectl create deployment web --image=web:1 --replicas=3
  rolled_out web
  succeeds kubectl set image deployment/web web=web:2
  rolled_out web
  same "$(kubectl get pods -l app=web -o json | jq -r '[.items[] | select(.metadata.deletionTimestamp == null).spec.containers[0].image] | unique | join(" ")')" web:2
  succeeds kubectl rollout history deployment/web
  contains "$output" $'1         <none>\n2         <none>'
  succeeds kubectl rollout history deployment/web --revision=1
  contains "$output" "web:1"
  succeeds kubectl rollout undo deployment/web
  rolled_out web
  same "$(field deployment/web '.spec.template.spec.containers[0].image')" web:1
  wait_for is_field deployment/web '.metadata.annotations.deployment\.kubernetes\.io/revision' 3
  succeeds kubectl rollout undo deployment/web --to-revision=2
  rolled_out web
  same "$(field deployment/web '.spec.template.spec.containers[0].image')" web:2

  local before
  before=$(kubectl get pods -l app=web -o name | sort)
  succeeds kubectl rollout restart deployment/web
  rolled_out web
  wait_for are 3 app=web
  same "$(comm -12 <(echo "$before") <(kubectl get pods -l app=web --field-selector=status.phase=Running -o json |
    jq -r '.items[] | select(.metadata.deletionTimestamp == null) | "pod/" + .metadata.name' | sort))" ""

  succeeds kubectl rollout pause deployment/web
  succeeds kubectl set image deployment/web web=web:3
  wait_for is_field deployment/web .status.observedGeneration "$(field deployment/web .metadata.generation)"
  same "$(kubectl get pods -l app=web -o json | jq '[.items[] | select(.spec.containers[0].image == "web:3")] | length')" 0
  succeeds kubectl rollout resume deployment/web
  rolled_out web
  same "$(field deployment/web '.spec.template.spec.containers[0].image')" web:3
}

@test "a rollout that cannot come to its end keeps what works, and is undone" {
  succeeds kubectl create deployment web --image=web:1 --replicas=4
  rolled_out web
  succeeds kubectl set image deployment/web web=broken
  fails kubectl rollout status deployment/web --timeout=3s
  contains "$output$stderr" "timed out waiting for the condition"
  (($(field deployment/web .status.availableReplicas) >= 3))
  succeeds kubectl rollout undo deployment/web
  rolled_out web
  wait_for are 4 app=web
}

@test "scale, expose, wait: endpoints follow the pods" {
  succeeds kubectl create deployment web --image=web:1
  succeeds kubectl scale deployment/web --replicas=5
  rolled_out web
  succeeds kubectl expose deployment/web --port=80 --target-port=8080
  wait_for endpoints_are web 5
  succeeds kubectl scale deployment/web --replicas=2
  wait_for endpoints_are web 2
  wait_for are 2 app=web
  fails kubectl scale deployment/web --current-replicas=7 --replicas=1
  succeeds kubectl delete service web
  wait_for no_slices web
  succeeds kubectl scale rs -l app=web --replicas=2
  fails kubectl autoscale deployment/web --max=3
}

@test "delete with --cascade: background and foreground take the pods along, orphan leaves them" {
  local name
  for name in back front kept; do succeeds kubectl create deployment "$name" --image=i --replicas=2; done
  for name in back front kept; do rolled_out "$name"; done
  succeeds kubectl delete deployment back
  wait_for are 0 app=back
  same "$(kubectl get rs -l app=back -o name)" ""
  succeeds kubectl delete deployment front --cascade=foreground --timeout=20s
  same "$(kubectl get rs -l app=front -o name)" ""
  same "$(pods app=front)" 0
  succeeds kubectl delete deployment kept --cascade=orphan --timeout=20s
  same "$(pods app=kept)" 2
  json "$(kubectl get rs -l app=kept -o json)" '[.items[].metadata.ownerReferences]' '[null]'
  succeeds kubectl delete rs -l app=kept
  wait_for are 0 app=kept
}

@test "cordon, drain, uncordon; a DaemonSet runs everywhere" {
  succeeds kubectl create deployment web --image=i --replicas=6
  rolled_out web
  succeeds kubectl cordon n1
  succeeds kubectl get node n1
  contains "$output" "SchedulingDisabled"
  succeeds kubectl drain n1 --ignore-daemonsets --timeout=20s
  rolled_out web
  same "$(kubectl get pods -l app=web --field-selector=spec.nodeName=n1 -o name)" ""
  wait_for are 6 app=web
  apply_file each <<<'{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: each}, spec: {selector: {matchLabels: {app: each}},
    template: {metadata: {labels: {app: each}}, spec: {containers: [{name: c, image: i}]}}}}'
  succeeds kubectl rollout status daemonset/each --timeout=20s
  same "$(kubectl get pods -l app=each -o jsonpath='{.items[*].spec.nodeName}' | tr ' ' '\n' | sort | xargs)" "n1 n2 n3"
  succeeds kubectl uncordon n1
  succeeds kubectl scale deployment/web --replicas=9
  rolled_out web
  [[ -n $(kubectl get pods -l app=web --field-selector=spec.nodeName=n1 -o name) ]]
}

@test "a namespace takes all that is in it along; nodes get subnets" {
  succeeds kubectl create namespace shop
  succeeds kubectl -n shop create deployment web --image=i --replicas=2
  succeeds kubectl -n shop create configmap c
  succeeds kubectl -n shop rollout status deployment/web --timeout=20s
  succeeds kubectl delete namespace shop --timeout=30s
  fails kubectl get namespace shop
  same "$(kubectl get all -n shop -o name)" ""
  same "$(kubectl get nodes -o jsonpath='{.items[*].spec.podCIDR}' | tr ' ' '\n' | sort | xargs)" \
    "10.244.0.0/24 10.244.1.0/24 10.244.2.0/24"
}
