#include "agent/node_object.h"

#include <boost/json/array.hpp>

namespace podwire::agent {
namespace {

constexpr int kMostPods = 250;
constexpr int kLeaseSeconds = 40;

kube::TextMap labels_of(const NodeClaim& claim) {
  kube::TextMap out;
  for (const char* prefix : {"kubernetes.io/", "beta.kubernetes.io/"}) {
    kube::set(out, std::string(prefix) + "arch", claim.machine.architecture);
    kube::set(out, std::string(prefix) + "os", "linux");
  }
  kube::set(out, "kubernetes.io/hostname", claim.name);
  return out;
}

std::vector<kube::NodeAddress> addresses_of(const NodeClaim& claim) {
  std::vector<kube::NodeAddress> out;
  for (const auto& address : claim.addresses) out.push_back({"InternalIP", address.str()});
  out.push_back({"Hostname", claim.name});
  return out;
}

json::object amounts(const Machine& machine) {
  return {{"cpu", std::to_string(machine.cpus)},
          {"memory", std::to_string(machine.memory_bytes / 1024) + "Ki"},
          {"pods", std::to_string(kMostPods)}};
}

json::object node_info(const Machine& machine) {
  return {{"machineID", machine.machine_id},     {"systemUUID", machine.system_uuid},
          {"bootID", machine.boot_id},           {"kernelVersion", machine.kernel},
          {"osImage", machine.os_image},         {"containerRuntimeVersion", "podwire://0"},
          {"kubeletVersion", "v1.35.0+podwire"}, {"kubeProxyVersion", ""},
          {"operatingSystem", "linux"},          {"architecture", machine.architecture}};
}

/// In the kubelet's words.
std::vector<kube::Condition> conditions_of(const NodeClaim& claim) {
  return {{.type = "MemoryPressure",
           .status = "False",
           .reason = "KubeletHasSufficientMemory",
           .message = "kubelet has sufficient memory available"},
          {.type = "DiskPressure",
           .status = "False",
           .reason = "KubeletHasNoDiskPressure",
           .message = "kubelet has no disk pressure"},
          {.type = "PIDPressure",
           .status = "False",
           .reason = "KubeletHasSufficientPID",
           .message = "kubelet has sufficient PID available"},
          {.type = "Ready",
           .status = claim.ready ? "True" : "False",
           .reason = claim.reason,
           .message = claim.message}};
}

bool says_the_same(const kube::Condition& a, const kube::Condition& b) {
  return a.status == b.status && a.reason == b.reason && a.message == b.message;
}

}  // namespace

json::object new_node(const NodeClaim& claim) {
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", claim.name}, {"labels", kube::to_json(labels_of(claim))}}},
          {"spec", json::object()}};
}

json::object label_patch(const NodeClaim& claim, const kube::Node& node) {
  json::object missing;
  for (const auto& [name, value] : labels_of(claim))
    if (kube::text_of(node.meta.labels, name) != value) missing[name] = value;
  if (missing.empty()) return {};
  return {{"metadata", {{"labels", std::move(missing)}}}};
}

json::object status_patch(const NodeClaim& claim, const std::vector<kube::Condition>& known, kube::Time now) {
  json::array conditions;
  for (auto condition : conditions_of(claim)) {
    const auto* before = kube::find_condition(known, condition.type);
    condition.heartbeat = now;
    condition.transition = before != nullptr && before->status == condition.status && before->transition
                               ? before->transition
                               : now;
    conditions.push_back(kube::to_json(condition));
  }
  // Without the directive a strategic patch would merge the two InternalIPs of a dual-stack node into one.
  json::array addresses{json::object{{"$patch", "replace"}}};
  for (const auto& address : addresses_of(claim))
    addresses.push_back(json::object{{"type", address.type}, {"address", address.address}});
  return {{"status",
           {{"addresses", std::move(addresses)},
            {"capacity", amounts(claim.machine)},
            {"allocatable", amounts(claim.machine)},
            {"conditions", std::move(conditions)},
            {"daemonEndpoints", {{"kubeletEndpoint", {{"Port", kKubeletPort}}}}},
            {"nodeInfo", node_info(claim.machine)}}}};
}

bool is_outdated(const NodeClaim& claim, const kube::Node& node) {
  if (node.addresses != addresses_of(claim)) return true;
  for (const auto& condition : conditions_of(claim)) {
    const auto* known = kube::find_condition(node.conditions, condition.type);
    if (known == nullptr || !says_the_same(*known, condition)) return true;
  }
  return false;
}

json::object new_lease(const std::string& node, const std::string& uid, kube::Time now) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata",
           {{"name", node},
            {"namespace", "kube-node-lease"},
            {"ownerReferences", json::array{json::object{
                                    {"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}, {"uid", uid}}}}}},
          {"spec",
           {{"holderIdentity", node},
            {"leaseDurationSeconds", kLeaseSeconds},
            {"renewTime", kube::micro_time_text(now)}}}};
}

json::object lease_renewal(const std::string& node, kube::Time now) {
  return {{"spec",
           {{"holderIdentity", node},
            {"leaseDurationSeconds", kLeaseSeconds},
            {"renewTime", kube::micro_time_text(now)}}}};
}

}  // namespace podwire::agent
