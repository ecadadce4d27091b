#include <set>

#include "kube/table/cells.h"

// The Tables of Services and what stands behind them: Service, Endpoints, EndpointSlice.
namespace podwire::kube {
namespace {

constexpr std::size_t kShown = 3;  // of a list in one cell

std::string_view cluster_ip(const json::object& service) {
  const auto* ips = array_in(service, "spec", "clusterIPs");
  if (size_of(ips) > 0)
    if (const auto* first = ips->front().if_string()) return *first;
  return or_else(text_in(service, "spec", "clusterIP"), "<none>");
}

std::string balancer_addresses(const json::object& service) {
  std::set<std::string_view> found;
  each_object(array_in(service, "status", "loadBalancer", "ingress"), [&](const json::object& one) {
    found.insert(or_else(text_in(one, "ip"), text_in(one, "hostname")));
  });
  found.erase("");
  std::string out;
  for (const auto address : found) append(out, address);
  return out;
}

std::string external_ip(const json::object& service) {
  const auto type = text_in(service, "spec", "type");
  if (type == "ExternalName") return std::string(text_in(service, "spec", "externalName"));
  const bool balanced = type == "LoadBalancer";
  if (!balanced && type != "ClusterIP" && type != "NodePort") return "<unknown>";
  std::string out = balanced ? balancer_addresses(service) : std::string();
  if (const auto* ips = array_in(service, "spec", "externalIPs"))
    for (const auto& ip : *ips)
      if (const auto* text = ip.if_string()) append(out, *text);
  if (!out.empty()) return out;
  return balanced ? "<pending>" : "<none>";
}

std::string port_text(const json::object& port) {
  auto out = std::to_string(number_in(port, "port"));
  if (const auto node_port = number_in(port, "nodePort"); node_port > 0)
    out += ":" + std::to_string(node_port);
  return out + "/" + std::string(text_in(port, "protocol"));
}

json::array service_cells(const json::object& service, std::chrono::sys_seconds now) {
  std::string ports;
  each_object(array_in(service, "spec", "ports"),
              [&](const json::object& port) { append(ports, port_text(port)); });
  return {name_of(service),
          text_in(service, "spec", "type"),
          cluster_ip(service),
          external_ip(service),
          or_else(ports, "<none>"),
          age_of(service, now),
          labels_text(object_in(service, "spec", "selector"))};
}

/// The first few of many: "a,b,c + 2 more...".
class ShortList {
 public:
  void add(std::string_view one) {
    if (count_++ < kShown) append(text_, one);
  }
  [[nodiscard]] std::string text() const {
    return count_ <= kShown ? text_ : text_ + " + " + std::to_string(count_ - kShown) + " more...";
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

std::string with_port(std::string_view ip, std::int64_t port) {
  const bool v6 = ip.contains(':');
  return (v6 ? "[" : "") + std::string(ip) + (v6 ? "]:" : ":") + std::to_string(port);
}

std::string endpoints_text(const json::object& endpoints) {
  const auto* subsets = array_in(endpoints, "subsets");
  if (size_of(subsets) == 0) return "<none>";
  ShortList out;
  each_object(subsets, [&](const json::object& subset) {
    const auto* addresses = array_in(subset, "addresses");
    const auto* ports = array_in(subset, "ports");
    if (size_of(ports) == 0)  // a headless Service may have none
      each_object(addresses, [&](const json::object& one) { out.add(text_in(one, "ip")); });
    each_object(ports, [&](const json::object& port) {
      each_object(addresses, [&](const json::object& one) {
        out.add(with_port(text_in(one, "ip"), number_in(port, "port")));
      });
    });
  });
  return out.text();
}

json::array endpoints_cells(const json::object& endpoints, std::chrono::sys_seconds now) {
  return {name_of(endpoints), endpoints_text(endpoints), age_of(endpoints, now)};
}

json::array endpoint_slice_cells(const json::object& slice, std::chrono::sys_seconds now) {
  ShortList ports;
  each_object(array_in(slice, "ports"), [&](const json::object& port) {
    if (const auto* n = in(port, "port"); n != nullptr && !n->is_null())
      ports.add(std::to_string(number(n)));
    else
      ports.add(in(port, "name") != nullptr ? text_in(port, "name") : "*");
  });
  ShortList endpoints;
  each_object(array_in(slice, "endpoints"), [&](const json::object& one) {
    if (const auto* addresses = array_in(one, "addresses"))
      for (const auto& address : *addresses)
        if (const auto* text = address.if_string()) endpoints.add(*text);
  });
  return {name_of(slice), text_in(slice, "addressType"), or_else(ports.text(), "<unset>"),
          or_else(endpoints.text(), "<unset>"), age_of(slice, now)};
}

}  // namespace

const Layout& service_layout() {
  static const Layout layout{
      {name_column(),
       {"Type", "string", "", "How it is reached: ClusterIP, NodePort, LoadBalancer or ExternalName."},
       {"Cluster-IP", "string", "", "Its first virtual address, None where it is headless."},
       {"External-IP", "string", "", "Where it is reached from outside of the cluster."},
       {"Port(s)", "string", "", "Its ports, with the port of the nodes where it has one."},
       age_column(),
       {"Selector", "string", "", "The labels of the pods behind it.", 1}},
      service_cells};
  return layout;
}

const Layout& endpoints_layout() {
  static const Layout layout{
      {name_column(), {"Endpoints", "string", "", "Addresses and ports that are ready."}, age_column()},
      endpoints_cells};
  return layout;
}

const Layout& endpoint_slice_layout() {
  static const Layout layout{{name_column(),
                              {"AddressType", "string", "", "IPv4, IPv6 or FQDN."},
                              {"Ports", "string", "", "The ports that every endpoint has."},
                              {"Endpoints", "string", "", "The addresses of the endpoints."},
                              age_column()},
                             endpoint_slice_cells};
  return layout;
}

}  // namespace podwire::kube
