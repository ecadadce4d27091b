#pragma once
#include "http/server.h"
#include "streaming/pod_runtime.h"

namespace podwire::streaming {

/// What a node answers on port 10250, at the kubelet's paths:
///   GET /containerLogs/NAMESPACE/POD/CONTAINER
///   GET /exec|/attach/NAMESPACE/POD[/UID]/CONTAINER   WebSocket: v5.channel.k8s.io, v4.channel.k8s.io
///   GET /portForward/NAMESPACE/POD[/UID]              WebSocket: SPDY/3.1+portforward.k8s.io, v5 or
///   v4.channel... GET /healthz                                      for everybody
/// Only the API server (a certificate of the cluster's CA for kube-apiserver-kubelet-client) and the group
/// system:masters are let in. Refusals are sentences in plain text; the API server makes a Status of them.
/// `runtime` outlives the server.
[[nodiscard]] http::Handler node_handler(PodRuntime& runtime);

/// A refusal that no handler has seen, for http::Server.
[[nodiscard]] std::string plain_complaint(int status, std::string_view sentence);

}  // namespace podwire::streaming
