#include "server/auth/node_graph.h"

#include "kube/json.h"
#include "server/auth/pod_references.h"

namespace podwire::server {

using kube::text_in;

std::string_view account_of(const json::object& pod) {
  const auto name = text_in(pod, "spec", "serviceAccountName");
  return name.empty() ? "default" : name;
}

void NodeGraph::put(const json::object& pod) {
  const PodKey key{text_in(pod, "metadata", "namespace"), text_in(pod, "metadata", "name")};
  erase(key.first, key.second);
  const auto node = text_in(pod, "spec", "nodeName");
  if (node.empty()) return;
  References references;
  // A node may write mirror pods: what they name must open nothing to it.
  if (!is_mirror(pod)) {
    for_each_reference(
        pod, [&](std::string_view resource, std::string_view name) { references.emplace(resource, name); });
    references.emplace("serviceaccounts", account_of(pod));
    // What every pod that speaks to the API is given beside its token.
    references.emplace("configmaps", "kube-root-ca.crt");
  }
  nodes_[std::string(node)][key] = std::move(references);
  node_of_[key] = node;
}

void NodeGraph::erase(std::string_view ns, std::string_view name) {
  const auto at = node_of_.find({std::string(ns), std::string(name)});
  if (at == node_of_.end()) return;
  const auto node = nodes_.find(at->second);
  node->second.erase(at->first);
  if (node->second.empty()) nodes_.erase(node);
  node_of_.erase(at);
}

bool NodeGraph::runs(std::string_view node, std::string_view ns, std::string_view pod) const {
  const auto at = node_of_.find({std::string(ns), std::string(pod)});
  return at != node_of_.end() && at->second == node;
}

bool NodeGraph::needs(std::string_view node, std::string_view resource, std::string_view ns,
                      std::string_view name) const {
  const auto at = nodes_.find(node);
  if (at == nodes_.end()) return false;
  const References::value_type wanted(resource, name);
  for (auto pod = at->second.lower_bound({std::string(ns), std::string()});
       pod != at->second.end() && pod->first.first == ns; ++pod)
    if (pod->second.contains(wanted)) return true;
  return false;
}

}  // namespace podwire::server
