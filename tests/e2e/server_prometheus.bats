#!/usr/bin/env bats
# podwire server as client-go's informers see it: Prometheus finds its targets by them.

load helpers
load server_helpers

setup() {
  need_client prometheus
  start_server
}
teardown() { stop_machines; }

# start_prometheus: on cp; scrapes nothing that is there, but finds all.
start_prometheus() {
  local role config=$BATS_TEST_TMPDIR/prometheus.yml
  printf 'global: {scrape_interval: 1h}\nscrape_configs:\n' >"$config"
  for role in pod service endpointslice node; do
    printf -- '- job_name: %s\n  kubernetes_sd_configs: [{role: %s, kubeconfig_file: %s}]\n' \
      "$role" "$role" "$KUBECONFIG" >>"$config"
  done
  on cp "$CLIENTS/prometheus" --config.file "$config" --storage.tsdb.path "$BATS_TEST_TMPDIR/prometheus" \
    --web.listen-address 127.0.0.1:9090 3>&- >"$BATS_TEST_TMPDIR/prometheus.log" 2>&1 &
}

# targets: a line each: job, address, and what is known of it.
targets() {
  on cp curl -s http://127.0.0.1:9090/api/v1/targets?state=active | jq -r '
    .data.activeTargets[].discoveredLabels
    | "\(.job) \(.__address__) \(.__meta_kubernetes_pod_label_app // .__meta_kubernetes_service_label_app
        // .__meta_kubernetes_endpointslice_name // .__meta_kubernetes_node_label_app // "-")"' | sort
}

# targets_are <WANTED: until it is so. Prometheus takes what it has heard over every five seconds, twice.
targets_are() {
  local wanted tries
  wanted=$(sort)
  for ((tries = 0; tries < 150; ++tries)); do
    [[ $(targets) != "$wanted" ]] || return 0
    sleep 0.2
  done
  same "$(targets)" "$wanted"
}

# run_pod NAME ADDRESS: with the status that a kubelet would report.
run_pod() {
  succeeds kubectl create -f - <<<"{apiVersion: v1, kind: Pod, metadata: {name: $1, labels: {app: $1}},
    spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}}"
  succeeds kubectl patch pod "$1" --subresource=status --type=merge \
    -p "{\"status\":{\"phase\":\"Running\",\"podIP\":\"$2\",\"podIPs\":[{\"ip\":\"$2\"}]}}"
}

# slice NAME ADDRESS: an EndpointSlice that no controller keeps.
slice() {
  kubectl apply -f - <<<"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: $1}, addressType: IPv4,
    ports: [{name: http, port: 80}], endpoints: [{addresses: [$2]}]}"
}

@test "pods, Services, EndpointSlices and nodes become targets, change and go; also after a restart" {
  succeeds kubectl create -f - <<<'{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {app: one}}}'
  succeeds kubectl patch node n1 --subresource=status --type=merge \
    -p '{"status":{"addresses":[{"type":"InternalIP","address":"10.89.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}'
  run_pod web 10.244.0.2
  succeeds kubectl create service clusterip web --tcp=80
  succeeds slice outside 192.0.2.1
  start_prometheus
  # The Service's own slice, and the port of its pod that the slice does not name.
  targets_are <<'END'
endpointslice 10.244.0.2:80 web
endpointslice 10.244.0.2:8080 web
endpointslice 192.0.2.1:80 outside
node 10.89.0.1:10250 one
pod 10.244.0.2:8080 web
service kube-dns.kube-system.svc:53 -
service kubernetes.default.svc:443 -
service web.default.svc:80 web
END

  run_pod api 10.244.0.3
  succeeds kubectl delete pod web --force
  succeeds kubectl delete service web
  succeeds kubectl label node n1 app=two --overwrite
  succeeds slice outside 192.0.2.2
  targets_are <<'END'
endpointslice 192.0.2.2:80 outside
node 10.89.0.1:10250 two
pod 10.244.0.3:8080 api
service kube-dns.kube-system.svc:53 -
service kubernetes.default.svc:443 -
END

  stop_server TERM
  start_server
  run_pod last 10.244.0.4
  succeeds kubectl delete pod api --force
  succeeds kubectl delete endpointslice outside
  targets_are <<'END'
node 10.89.0.1:10250 two
pod 10.244.0.4:8080 last
service kube-dns.kube-system.svc:53 -
service kubernetes.default.svc:443 -
END
}
