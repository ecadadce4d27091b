#pragma once
#include <string>

namespace podwire::bench {

/// Objects as they are in clusters, as JSON that a client sends.

/// Pod `n` of the Deployment that `n` belongs to, on a node; "bench/web-12-5d4f8c7b9-00012".
[[nodiscard]] std::string pod(int n, int nodes);
[[nodiscard]] std::string pod_path(int n);
/// The same with the status that a kubelet reports when it runs.
[[nodiscard]] std::string running_pod(int n, int nodes);
/// A node with the status that a kubelet reports.
[[nodiscard]] std::string node(int n);
[[nodiscard]] std::string service(int n);

constexpr auto kNamespace = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}})";
constexpr auto kPods = "/api/v1/namespaces/bench/pods";
constexpr auto kServices = "/api/v1/namespaces/bench/services";

}  // namespace podwire::bench
