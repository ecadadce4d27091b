#include "server/auth/node_restriction.h"

#include <fmt/format.h>

#include "kube/json.h"
#include "server/auth/node_labels.h"
#include "server/auth/pod_references.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;

constexpr std::string_view kLeaseNamespace = "kube-node-lease";

std::unexpected<kube::Status> refuse(const NodeWrite& w, std::string_view why) {
  return kube::forbidden({std::string(w.group), std::string(w.resource)}, w.name, why);
}

std::string_view operation(const NodeWrite& w) {
  if (w.old == nullptr) return "CREATE";
  return w.object == nullptr ? "DELETE" : "UPDATE";
}

bool same_field(const json::object& a, const json::object& b, std::string_view part, std::string_view field) {
  const auto *left = kube::in(a, part, field), *right = kube::in(b, part, field);
  if (left == nullptr || right == nullptr) return left == right;
  return *left == *right;
}

bool is_true(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr && value->is_bool() && value->get_bool();
}

/// The pod's one owner is the node itself.
Answer<> check_owner(const NodeWrite& w, const Lookup& look_up) {
  const auto not_itself =
      fmt::format("node \"{}\" can only create pods with an owner reference set to itself", w.node);
  const auto* owners = kube::array_in(*w.object, "metadata", "ownerReferences");
  if (owners == nullptr || owners->empty()) return refuse(w, not_itself);
  if (owners->size() > 1)
    return refuse(
        w,
        fmt::format("node \"{}\" can only create pods with a single owner reference set to itself", w.node));
  const auto* owner = owners->front().if_object();
  if (owner == nullptr || text_in(*owner, "apiVersion") != "v1" || text_in(*owner, "kind") != "Node" ||
      text_in(*owner, "name") != w.node)
    return refuse(w, not_itself);
  if (!is_true(*owner, "controller"))
    return refuse(
        w, fmt::format("node \"{}\" can only create pods with a controller owner reference set to itself",
                       w.node));
  if (is_true(*owner, "blockOwnerDeletion"))
    return refuse(w,
                  fmt::format("node \"{}\" must not set blockOwnerDeletion on an owner reference", w.node));
  const auto node = look_up("nodes", "", w.node);
  if (!node) return kube::not_found({"", "nodes"}, w.node);
  const auto uid = text_in(*node, "metadata", "uid"), said = text_in(*owner, "uid");
  if (uid != said)
    return refuse(w, fmt::format("node {} UID mismatch: expected {} got {}", w.node, said, uid));
  return {};
}

Answer<> check_mirror_pod(const NodeWrite& w, const Lookup& look_up) {
  const auto& pod = *w.object;
  if (!is_mirror(pod))
    return refuse(w,
                  fmt::format("pod does not have \"{}\" annotation, node \"{}\" can only create mirror pods",
                              kMirrorAnnotation, w.node));
  if (text_in(pod, "spec", "nodeName") != w.node)
    return refuse(w,
                  fmt::format("node \"{}\" can only create pods with spec.nodeName set to itself", w.node));
  TRY(check_owner(w, look_up));
  if (!text_in(pod, "spec", "serviceAccountName").empty())
    return refuse(w, fmt::format("node \"{}\" can not create pods that reference a service account", w.node));
  std::string referred;
  for_each_reference(pod, [&](std::string_view resource, std::string_view) { referred = resource; });
  if (!referred.empty())
    return refuse(w, fmt::format("node \"{}\" can not create pods that reference {}", w.node, referred));
  return {};
}

Answer<> check_pod(const NodeWrite& w, const Lookup& look_up) {
  if (w.subresource.empty()) {
    if (w.old == nullptr) return check_mirror_pod(w, look_up);
    if (w.object != nullptr)
      return refuse(
          w, fmt::format("unexpected operation \"{}\", node \"{}\" can only create and delete mirror pods",
                         operation(w), w.node));
    if (text_in(*w.old, "spec", "nodeName") != w.node)
      return refuse(w,
                    fmt::format("node \"{}\" can only delete pods with spec.nodeName set to itself", w.node));
    return {};
  }
  if (w.subresource == "status" && w.old != nullptr && w.object != nullptr) {
    if (text_in(*w.old, "spec", "nodeName") != w.node)
      return refuse(
          w, fmt::format("node \"{}\" can only update pod status for pods with spec.nodeName set to itself",
                         w.node));
    if (!same_field(*w.old, *w.object, "metadata", "labels"))
      return refuse(w, fmt::format("node \"{}\" cannot update labels through pod status", w.node));
    return {};
  }
  if (w.subresource == "eviction") {
    const auto pod = look_up("pods", w.ns, w.name);
    if (!pod) return kube::not_found({"", "pods"}, w.name);
    if (text_in(*pod, "spec", "nodeName") != w.node)
      return refuse(w, fmt::format("node {} can only evict pods with spec.nodeName set to itself", w.node));
    return {};
  }
  return refuse(w, fmt::format("unexpected pod subresource \"{}\", only 'status' and 'eviction' are allowed",
                               w.subresource));
}

Answer<> check_node(const NodeWrite& w) {
  if (w.name != w.node)
    return refuse(w, fmt::format("node \"{}\" is not allowed to modify node \"{}\"", w.node, w.name));
  if (w.object == nullptr) return {};  // that nodes may not delete themselves is said by their rights
  static const json::object kNothing;
  const auto& old = w.old != nullptr ? *w.old : kNothing;
  const auto labels = forbidden_label_changes(old, *w.object);
  if (w.old == nullptr && !labels.empty())
    return refuse(w,
                  fmt::format("node \"{}\" is not allowed to set the following labels: {}", w.node, labels));
  if (!labels.empty()) return refuse(w, fmt::format("is not allowed to modify labels: {}", labels));
  if (w.old != nullptr && !same_field(old, *w.object, "spec", "taints"))
    return refuse(w, fmt::format("node \"{}\" is not allowed to modify taints", w.node));
  // Not upstream's, where a kubelet may say its own: here the server alone gives them out.
  if (!same_field(old, *w.object, "spec", "podCIDR") || !same_field(old, *w.object, "spec", "podCIDRs"))
    return refuse(w, fmt::format("node \"{}\" is not allowed to modify podCIDRs", w.node));
  if (!same_field(old, *w.object, "metadata", "ownerReferences"))
    return refuse(w, fmt::format("node \"{}\" is not allowed to modify ownerReferences", w.node));
  return {};
}

Answer<> check_lease(const NodeWrite& w) {
  if (w.ns != kLeaseNamespace)
    return refuse(w, fmt::format("can only access leases in the \"{}\" system namespace", kLeaseNamespace));
  if (w.name != w.node)
    return refuse(w, "can only access node lease with the same name as the requesting node");
  return {};
}

/// A block is taken by its node, and only by itself given back.
Answer<> check_address_block(const NodeWrite& w) {
  for (const auto* block : {w.old, w.object})
    if (block != nullptr && text_in(*block, "spec", "nodeName") != w.node)
      return refuse(
          w, fmt::format("node \"{}\" can only write blocks with spec.nodeName set to itself", w.node));
  return {};
}

Answer<> check_token(const NodeWrite& w, const Lookup& look_up) {
  const auto* ref = kube::object_in(*w.object, "spec", "boundObjectRef");
  if (ref == nullptr || text_in(*ref, "apiVersion") != "v1" || text_in(*ref, "kind") != "Pod" ||
      text_in(*ref, "name").empty())
    return refuse(w, "node requested token not bound to a pod");
  const auto uid = text_in(*ref, "uid"), name = text_in(*ref, "name");
  if (uid.empty()) return refuse(w, "node requested token with a pod binding without a uid");
  const auto pod = look_up("pods", w.ns, name);
  if (!pod) return kube::not_found({"", "pods"}, name);
  if (text_in(*pod, "metadata", "uid") != uid)
    return refuse(w,
                  fmt::format("the UID in the bound object reference ({}) does not match the UID in record. "
                              "The object might have been deleted and then recreated",
                              uid));
  if (text_in(*pod, "spec", "nodeName") != w.node)
    return refuse(w, "node requested token bound to a pod scheduled on a different node");
  return {};
}

}  // namespace

Answer<> check_node_write(const NodeWrite& w, const Lookup& look_up) {
  if (w.group.empty() && w.resource == "pods") return check_pod(w, look_up);
  if (w.group.empty() && w.resource == "nodes") return check_node(w);
  if (w.group.empty() && w.resource == "serviceaccounts" && w.subresource == "token")
    return check_token(w, look_up);
  if (w.group == "coordination.k8s.io" && w.resource == "leases") return check_lease(w);
  if (w.group == "podwire.io" && w.resource == "addressblocks") return check_address_block(w);
  return {};
}

}  // namespace podwire::server
