#!/usr/bin/env bats
# podwire server as helm and @kubernetes/client-node see it.

load helpers
load server_helpers

setup() { start_server --in-memory; }
teardown() { stop_machines; }

@test "helm: install, upgrade, rollback, uninstall" {
  need_client helm
  local chart=$REPO/tests/clients/chart ip
  succeeds helm install hi "$chart" --wait
  same "$(field cm/hi .data.text)" one
  ip=$(field svc/hi .spec.clusterIP)
  succeeds helm upgrade hi "$chart" --set text=two --wait
  same "$(field cm/hi .data.text)" two
  succeeds helm rollback hi 1
  same "$(field cm/hi .data.text)" one
  same "$(field svc/hi .spec.clusterIP)" "$ip"
  json "$(helm list -o json)" '.[0]|[.name,.revision,.status]' '["hi","3","deployed"]'
  succeeds helm uninstall hi
  fails kubectl get cm hi
}

@test "@kubernetes/client-node: an informer, a JSON patch" {
  need_program node
  cp "$REPO/tests/clients/informer.mjs" "$BATS_TEST_TMPDIR"
  ln -s "$CLIENTS/node_modules" "$BATS_TEST_TMPDIR/node_modules"
  succeeds on cp timeout 30 env KUBECONFIG="$KUBECONFIG" node "$BATS_TEST_TMPDIR/informer.mjs"
  json "$output" . '["add","update","delete"]'
}

@test "a Deployment and its Service from a file, twice, and taken away again" {
  succeeds kubectl apply -f "$REPO/examples/hello.yml"
  contains "$output" "service/hello created"
  contains "$output" "deployment.apps/hello created"
  succeeds kubectl apply -f "$REPO/examples/hello.yml"
  contains "$output" "deployment.apps/hello unchanged"
  json "$(kubectl get svc hello -o json)" '[.spec.type,.spec.ports[0].targetPort]' '["ClusterIP",8080]'
  same "$(field deployment/hello .spec.replicas)" 3
  succeeds kubectl delete -f "$REPO/examples/hello.yml"
}
