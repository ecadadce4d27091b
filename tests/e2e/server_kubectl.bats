#!/usr/bin/env bats
# podwire server as kubectl 1.35 sees it.

load helpers
load server_helpers

setup() { start_server --in-memory; }
teardown() { stop_machines; }

@test "version, cluster-info, api-resources, api-versions" {
  succeeds kubectl version
  contains "$output" "Server Version: v1."
  succeeds kubectl api-resources
  contains "$output" "deployments"
  contains "$output" "endpointslices"
  succeeds kubectl api-versions
  contains "$output" "discovery.k8s.io/v1"
  succeeds kubectl cluster-info
}

@test "what is there from the start" {
  succeeds kubectl get namespaces -o name
  same "$output" $'namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system'
  same "$(field svc/kubernetes .spec.clusterIP)" 10.96.0.1
  same "$(field servicecidr/kubernetes '.spec.cidrs[0]')" 10.96.0.0/12
}

@test "create by protobuf, get in every form" {
  succeeds kubectl create configmap colours --from-literal=sky=blue
  succeeds kubectl create namespace shop
  succeeds kubectl create deployment web --image=nginx --replicas=2 -n shop
  succeeds kubectl create secret generic s --from-literal=a=b
  succeeds kubectl create serviceaccount sa
  same "$(field cm/colours .data.sky)" blue
  same "$(field deployment/web .spec.replicas -n shop)" 2
  same "$(field secret/s .data.a)" Yg==
  succeeds kubectl get deployments -A
  contains "$output" "READY   UP-TO-DATE   AVAILABLE"
  succeeds kubectl get deployment web -n shop -o wide
  contains "$output" "nginx"
  succeeds kubectl get cm colours -o yaml
  contains "$output" "sky: blue"
  succeeds kubectl get cm colours -o json
  json "$output" .kind ConfigMap
  succeeds kubectl describe cm colours
  contains "$output" "blue"
}

@test "a Service gets its address from the pool; node ports too" {
  succeeds kubectl create service nodeport web --tcp=80:8080
  contains "$(field svc/web .spec.clusterIP)" "10."
  local port
  port=$(field svc/web '.spec.ports[0].nodePort')
  ((port >= 30000 && port <= 32767))
  succeeds kubectl get svc web
  contains "$output" "80:$port/TCP"
  succeeds kubectl get ipaddresses -o name
  contains "$output" "ipaddress.networking.k8s.io/$(field svc/web .spec.clusterIP)"
  local ip
  ip=$(field svc/web .spec.clusterIP)
  succeeds kubectl delete svc web
  fails kubectl get ipaddress "$ip"
}

@test "apply, again, changed, diff, and server-side" {
  apply_file one <<<'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","y":"1"}}'
  contains "$output" "configmap/a created"
  succeeds kubectl apply -f "$BATS_TEST_TMPDIR/one.yaml"
  contains "$output" "configmap/a unchanged"
  apply_file one <<<'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"2"}}'
  contains "$output" "configmap/a configured"
  json "$(kubectl get cm a -o json)" .data '{"x":"2"}'
  apply_file two --server-side --force-conflicts <<<'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"3"}}'
  same "$(field cm/a .data.x)" 3
  cat >"$BATS_TEST_TMPDIR/three.yaml" <<<'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"4"}}'
  fails kubectl apply --server-side --field-manager=other -f "$BATS_TEST_TMPDIR/three.yaml"
  contains "$stderr" "conflict with \"kubectl\""
}

@test "label, annotate, patch in three forms, edit" {
  succeeds kubectl create deployment web --image=nginx
  succeeds kubectl label deployment web tier=front
  succeeds kubectl annotate deployment web note=hello
  succeeds kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:2"}]}}}}'
  same "$(field deployment/web '.spec.template.spec.containers[*].image')" nginx:2
  succeeds kubectl patch deployment web --type=merge -p '{"spec":{"replicas":3}}'
  succeeds kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":4}]'
  same "$(field deployment/web .spec.replicas)" 4
  same "$(field deployment/web .metadata.labels.tier)" front
  KUBE_EDITOR="sed -i s/front/back/" succeeds kubectl edit deployment web
  same "$(field deployment/web .metadata.labels.tier)" back
  succeeds kubectl scale deployment web --replicas=5
  same "$(field deployment/web .spec.replicas)" 5
  succeeds kubectl set image deployment/web nginx=nginx:3
  same "$(field deployment/web '.spec.template.spec.containers[*].image')" nginx:3
}

@test "explain knows fields, and unknown ones are refused with their names" {
  succeeds kubectl explain service.spec.clusterIP
  contains "$output" "clusterIP"
  succeeds kubectl explain pod.spec.containers.ports
  contains "$output" "containerPort"
  cat >"$BATS_TEST_TMPDIR/bad.yaml" <<<'{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"prots":[]}}'
  fails kubectl apply -f "$BATS_TEST_TMPDIR/bad.yaml"
  contains "$stderr" 'unknown field "spec.prots"'
}

@test "delete waits for the end; what is gone is not found, in Kubernetes' words" {
  succeeds kubectl create configmap a
  succeeds kubectl delete cm a
  contains "$output" 'configmap "a" deleted'
  fails kubectl get cm a
  contains "$stderr" 'Error from server (NotFound): configmaps "a" not found'
  succeeds kubectl create configmap a
  fails kubectl create configmap a
  contains "$stderr" 'configmaps "a" already exists'
}

@test "selectors, sorting, pages, watch" {
  local name
  for name in a b c; do succeeds kubectl create configmap "$name"; done
  succeeds kubectl label cm a b colour=red
  same "$(kubectl get cm -l colour=red -o name)" $'configmap/a\nconfigmap/b'
  same "$(kubectl get cm -l '!colour,kubernetes.io/nosuch!=x' --field-selector metadata.name=c -o name)" configmap/c
  same "$(kubectl get cm -l 'colour in (red)' --chunk-size=1 -o name)" $'configmap/a\nconfigmap/b'
  same "$(kubectl get cm -l colour=red --sort-by=.metadata.name --no-headers | wc -l)" 2
  on cp timeout 20 env KUBECONFIG="$KUBECONFIG" "$CLIENTS/kubectl" get cm -l colour=red -w -o name 3>&- >"$BATS_TEST_TMPDIR/watched" 2>&1 &
  wait_for grep -q configmap/b "$BATS_TEST_TMPDIR/watched"
  succeeds kubectl label cm c colour=red
  wait_for grep -q configmap/c "$BATS_TEST_TMPDIR/watched"
}

@test "auth can-i tells the truth" {
  succeeds kubectl auth can-i create pods
  same "$output" yes
  succeeds kubectl auth whoami
  contains "$output" system:masters
  fails kubectl auth can-i list pods --as=system:serviceaccount:default:default
}

@test "a pod in a namespace of this very moment runs as its ServiceAccount default; apply and diff stay clean" {
  cat >"$BATS_TEST_TMPDIR/both.yaml" <<'YAML'
apiVersion: v1
kind: Namespace
metadata: {name: fresh}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: fresh}
spec:
  containers: [{name: c, image: x}]
YAML
  succeeds kubectl apply -f "$BATS_TEST_TMPDIR/both.yaml"
  same "$(field pod/p .spec.serviceAccountName -n fresh)" default
  same "$(field pod/p '.spec.containers[0].volumeMounts[0].mountPath' -n fresh)" /var/run/secrets/kubernetes.io/serviceaccount
  same "$(field pod/p '.spec.volumes[0].projected.sources[1].configMap.name' -n fresh)" kube-root-ca.crt
  succeeds kubectl diff -f "$BATS_TEST_TMPDIR/both.yaml"
  succeeds kubectl apply -f "$BATS_TEST_TMPDIR/both.yaml"
  contains "$output" "pod/p unchanged"
  succeeds kubectl apply --server-side --force-conflicts -f "$BATS_TEST_TMPDIR/both.yaml"
  succeeds kubectl diff --server-side --force-conflicts -f "$BATS_TEST_TMPDIR/both.yaml"
  fails kubectl run q -n fresh --image=x --overrides='{"spec":{"serviceAccountName":"robot"}}'
  contains "$stderr" 'pods "q" is forbidden: error looking up service account fresh/robot: serviceaccount "robot" not found'
}
