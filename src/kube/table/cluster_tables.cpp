#include <set>

#include "kube/table/cells.h"

// The Tables of what a cluster consists of: Node, Namespace, Lease.
namespace podwire::kube {
namespace {

std::string node_status(const json::object& node) {
  std::string out;
  each_object(array_in(node, "status", "conditions"), [&](const json::object& one) {
    if (text_in(one, "type") == "Ready") out = text_in(one, "status") == "True" ? "Ready" : "NotReady";
  });
  if (out.empty()) out = "Unknown";
  const auto* off = in(node, "spec", "unschedulable");
  if (off != nullptr && off->is_bool() && off->get_bool()) out += ",SchedulingDisabled";
  return out;
}

/// Of the labels node-role.kubernetes.io/ROLE and kubernetes.io/role=ROLE.
std::string node_roles(const json::object& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string_view> roles;
  if (const auto* labels = object_in(node, "metadata", "labels"))
    for (const auto& [key, value] : *labels) {
      const std::string_view name = key;
      if (name.starts_with(kPrefix))
        roles.insert(name.substr(kPrefix.size()));
      else if (const auto* text = value.if_string(); name == "kubernetes.io/role" && text != nullptr)
        roles.insert(*text);
    }
  roles.erase("");
  std::string out;
  for (const auto role : roles) append(out, role);
  return out.empty() ? "<none>" : out;
}

std::string_view node_address(const json::object& node, std::string_view type) {
  const auto* addresses = array_in(node, "status", "addresses");
  for (std::size_t i = 0; i < size_of(addresses); ++i)
    if (const auto* one = (*addresses)[i].if_object(); one != nullptr && text_in(*one, "type") == type)
      return text_in(*one, "address");
  return "<none>";
}

json::array node_cells(const json::object& node, std::chrono::sys_seconds now) {
  const auto info = [&](std::string_view key) {
    return or_else(text_in(node, "status", "nodeInfo", key), "<unknown>");
  };
  return {name_of(node),
          node_status(node),
          node_roles(node),
          age_of(node, now),
          text_in(node, "status", "nodeInfo", "kubeletVersion"),
          node_address(node, "InternalIP"),
          node_address(node, "ExternalIP"),
          info("osImage"),
          info("kernelVersion"),
          info("containerRuntimeVersion")};
}

json::array namespace_cells(const json::object& ns, std::chrono::sys_seconds now) {
  return {name_of(ns), text_in(ns, "status", "phase"), age_of(ns, now)};
}

json::array lease_cells(const json::object& lease, std::chrono::sys_seconds now) {
  return {name_of(lease), text_in(lease, "spec", "holderIdentity"), age_of(lease, now)};
}

}  // namespace

const Layout& node_layout() {
  static const Layout layout{
      {name_column(),
       {"Status", "string", "", "Whether it runs pods, and takes new ones."},
       {"Roles", "string", "", "What it is for, by its node-role labels."},
       age_column(),
       {"Version", "string", "", "The version of its agent."},
       {"Internal-IP", "string", "", "The address by which the other nodes reach it.", 1},
       {"External-IP", "string", "", "The address by which it is reached from outside.", 1},
       {"OS-Image", "string", "", "The operating system that it says it runs.", 1},
       {"Kernel-Version", "string", "", "The kernel that it says it runs.", 1},
       {"Container-Runtime", "string", "", "What runs its containers, and in which version.", 1}},
      node_cells};
  return layout;
}

const Layout& namespace_layout() {
  static const Layout layout{{name_column(),
                              {"Status", "string", "", "Active, or Terminating while its contents go."},
                              age_column()},
                             namespace_cells};
  return layout;
}

const Layout& lease_layout() {
  static const Layout layout{{name_column(), {"Holder", "string", "", "Who holds it now."}, age_column()},
                             lease_cells};
  return layout;
}

}  // namespace podwire::kube
