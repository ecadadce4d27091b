#include "kube/table/cells.h"

// The Tables of networking.k8s.io and podwire.io: NetworkPolicy, ServiceCIDR, IPAddress, AddressBlock.
namespace podwire::kube {
namespace {

json::array network_policy_cells(const json::object& policy, std::chrono::sys_seconds now) {
  return {name_of(policy), selector_text(object_in(policy, "spec", "podSelector")), age_of(policy, now)};
}

json::array service_cidr_cells(const json::object& service_cidr, std::chrono::sys_seconds now) {
  std::string cidrs;
  if (const auto* list = array_in(service_cidr, "spec", "cidrs"))
    for (const auto& cidr : *list)
      if (const auto* text = cidr.if_string()) append(cidrs, *text);
  return {name_of(service_cidr), cidrs, age_of(service_cidr, now)};
}

/// "services/default/kubernetes"
std::string parent_text(const json::object* parent) {
  if (parent == nullptr) return "<none>";
  std::string out(text_in(*parent, "resource"));
  if (const auto group = text_in(*parent, "group"); !group.empty()) append(out, group, ".");
  if (const auto ns = text_in(*parent, "namespace"); !ns.empty()) append(out, ns, "/");
  append(out, text_in(*parent, "name"), "/");
  return out;
}

json::array ip_address_cells(const json::object& address, std::chrono::sys_seconds now) {
  return {name_of(address), parent_text(object_in(address, "spec", "parentRef")), age_of(address, now)};
}

json::array address_block_cells(const json::object& block, std::chrono::sys_seconds now) {
  return {name_of(block), text_in(block, "spec", "cidr"), text_in(block, "spec", "nodeName"),
          age_of(block, now)};
}

}  // namespace

const Layout& network_policy_layout() {
  static const Layout layout{
      {name_column(), {"Pod-Selector", "string", "", "The labels of the pods it is for."}, age_column()},
      network_policy_cells};
  return layout;
}

const Layout& service_cidr_layout() {
  static const Layout layout{
      {name_column(), {"CIDRs", "string", "", "The ranges that ClusterIPs come out of."}, age_column()},
      service_cidr_cells};
  return layout;
}

const Layout& ip_address_layout() {
  static const Layout layout{
      {name_column(), {"ParentRef", "string", "", "The object that has the address."}, age_column()},
      ip_address_cells};
  return layout;
}

const Layout& address_block_layout() {
  static const Layout layout{{name_column(),
                              {"CIDR", "string", "", "The addresses."},
                              {"Node", "string", "", "The node whose pods have them."},
                              age_column()},
                             address_block_cells};
  return layout;
}

}  // namespace podwire::kube
