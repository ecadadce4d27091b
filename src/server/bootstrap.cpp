#include "server/bootstrap.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "kube/json.h"
#include "kube/rules/labels.h"

namespace podwire::server {
namespace {

const Author kSelf{.manager = "podwire-server"};

json::object meta(std::string_view name) { return {{"name", name}}; }

json::object a_namespace(std::string_view name) {
  return {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", meta(name)}};
}

json::object service_cidr(const Options& options) {
  json::array cidrs;
  for (const auto& range : options.service_cidrs) cidrs.emplace_back(range.str());
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "ServiceCIDR"},
          {"metadata", meta("kubernetes")},
          {"spec", {{"cidrs", std::move(cidrs)}}}};
}

json::object service(const Options& options, std::uint16_t port) {
  const auto& range = options.service_cidrs.front();
  const auto first = IpAddr::from_value(range.family(), range.first().value() + 1).str();
  json::array ports{json::object{
      {"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", std::int64_t{port}}}};
  auto metadata = meta("kubernetes");
  metadata["labels"] = json::object{{"component", "apiserver"}, {"provider", "kubernetes"}};
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", std::move(metadata)},
          {"spec", {{"type", "ClusterIP"}, {"clusterIP", first}, {"ports", std::move(ports)}}}};
}

/// The addresses of the cluster's DNS, so that no other Service gets them and `kubectl get svc` shows them.
/// Each node answers there by itself: proxies leave the Service alone, and it has no endpoints.
std::optional<json::object> dns_service(const Options& options) {
  json::array addresses;
  for (const auto& address : options.cluster_dns) {
    const auto holds = [&](const Cidr& range) { return range.contains(address); };
    if (std::ranges::any_of(options.service_cidrs, holds)) addresses.emplace_back(address.str());
  }
  if (addresses.empty()) return std::nullopt;
  auto metadata = meta("kube-dns");
  metadata["labels"] = json::object{{"k8s-app", "kube-dns"},
                                    {"kubernetes.io/name", "PodwireDNS"},
                                    {"service.kubernetes.io/service-proxy-name", "podwire-dns"}};
  json::array ports{json::object{{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}},
                    json::object{{"name", "dns-tcp"}, {"port", 53}, {"protocol", "TCP"}}};
  json::object spec{{"type", "ClusterIP"}, {"clusterIP", addresses.front()}, {"ports", std::move(ports)}};
  if (addresses.size() > 1) spec["ipFamilyPolicy"] = "PreferDualStack";
  spec["clusterIPs"] = std::move(addresses);
  return json::object{{"apiVersion", "v1"},
                      {"kind", "Service"},
                      {"metadata", std::move(metadata)},
                      {"spec", std::move(spec)}};
}

json::object endpoint_slice(IpAddr address, std::uint16_t port) {
  auto metadata = meta("kubernetes");
  metadata["labels"] = json::object{{"kubernetes.io/service-name", "kubernetes"}};
  json::object endpoint{{"addresses", json::array{address.str()}}, {"conditions", {{"ready", true}}}};
  json::array ports{json::object{{"name", "https"}, {"port", std::int64_t{port}}, {"protocol", "TCP"}}};
  return {{"apiVersion", "discovery.k8s.io/v1"},
          {"kind", "EndpointSlice"},
          {"metadata", std::move(metadata)},
          {"addressType", name_of(address.family())},
          {"endpoints", json::array{std::move(endpoint)}},
          {"ports", std::move(ports)}};
}

json::object endpoints(IpAddr address, std::uint16_t port) {
  json::array ports{json::object{{"name", "https"}, {"port", std::int64_t{port}}, {"protocol", "TCP"}}};
  json::object subset{{"addresses", json::array{json::object{{"ip", address.str()}}}},
                      {"ports", std::move(ports)}};
  return {{"apiVersion", "v1"},
          {"kind", "Endpoints"},
          {"metadata", meta("kubernetes")},
          {"subsets", json::array{std::move(subset)}}};
}

Task<kube::Answer<>> ensure(Registry& registry, std::string ns, json::object object) {
  const auto* resource =
      registry.schema().kind(kube::text_in(object, "apiVersion"), kube::text_in(object, "kind"));
  if (resource == nullptr) co_return kube::internal_error("a kind of the first moment is not in the schema");
  auto written = co_await registry.create(*resource, {std::move(ns), ""}, std::move(object), kSelf, {});
  if (!written && written.error().reason != "AlreadyExists") co_return std::unexpected(written.error());
  co_return kube::Answer<>{};
}

/// Made, or brought up to date.
Task<kube::Answer<>> ensure_same(Registry& registry, std::string ns, json::object object) {
  const auto* resource =
      registry.schema().kind(kube::text_in(object, "apiVersion"), kube::text_in(object, "kind"));
  if (resource == nullptr) co_return kube::internal_error("a kind of the first moment is not in the schema");
  const Place place{std::move(ns), std::string(kube::text_in(object, "metadata", "name"))};
  Registry::Change change = [object](const json::object*) -> kube::Answer<json::object> { return object; };
  auto written = co_await registry.update(*resource, place, "", std::move(change), kSelf, {}, true);
  if (!written) co_return std::unexpected(written.error());
  co_return kube::Answer<>{};
}

json::object default_account() {
  return {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", meta("default")}};
}

json::object root_ca(const std::string& pem) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", meta("kube-root-ca.crt")},
          {"data", {{"ca.crt", pem}}}};
}

class NamespaceGuard : public Guard {
 public:
  NamespaceGuard(Registry& registry, std::string ca_pem) : registry_(registry), ca_pem_(std::move(ca_pem)) {}

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                            bool) override {
    if (old != nullptr) return Taken();
    const std::string ns(kube::text_in(*object, "metadata", "name"));
    add(also, "serviceaccounts", ns, default_account());
    add(also, "configmaps", ns, root_ca(ca_pem_));
    return Taken();
  }

 private:
  void add(std::vector<Write>& also, std::string_view plural, const std::string& ns, json::object object) {
    const auto* resource = registry_.schema().resource("", "v1", plural);
    // Cannot fail: the metadata has nothing that could be refused.
    if (!begin_life(*resource, object, {ns, ""}, registry_.world().moment())) return;
    Write write{.key = {std::string(plural), ns, std::string(kube::text_in(object, "metadata", "name"))}};
    write.labels = kube::labels_of(object);
    write.object = std::move(object);
    also.push_back(std::move(write));
  }

  Registry& registry_;
  std::string ca_pem_;
};

}  // namespace

std::shared_ptr<Guard> namespace_guard(Registry& registry, std::string ca_pem) {
  return std::make_shared<NamespaceGuard>(registry, std::move(ca_pem));
}

Task<void> furnish_namespaces(Registry& registry, std::string ca_pem) {
  const auto spaces = registry.store().list({.resource = "namespaces", .after = std::nullopt});
  if (!spaces) co_return;
  for (const auto& space : spaces->items) {
    const auto& ns = space->key.name;
    const bool account = registry.store().get({"serviceaccounts", ns, "default"}) != nullptr;
    const bool ca = registry.store().get({"configmaps", ns, "kube-root-ca.crt"}) != nullptr;
    if (account && ca) continue;
    const auto object = parse_stored(*space);
    if (kube::in(object, "metadata", "deletionTimestamp") != nullptr) continue;
    // What is refused is tried again at the next look.
    kube::Answer<> made;
    if (!account) made = co_await ensure(registry, ns, default_account());
    if (!ca) made = co_await ensure(registry, ns, root_ca(ca_pem));
  }
}

Task<kube::Answer<>> bootstrap(Registry& registry, const Options& options, IpAddr server_address,
                               std::uint16_t server_port) {
  std::vector<std::pair<std::string, json::object>> first;
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"})
    first.emplace_back("", a_namespace(name));
  first.emplace_back("", service_cidr(options));
  first.emplace_back("default", service(options, server_port));
  for (auto& [ns, object] : first) {
    auto there = co_await ensure(registry, ns, std::move(object));
    if (!there) co_return there;
  }
  if (auto dns = dns_service(options)) {
    // Where somebody's own DNS has the address already, that is what he wants.
    if (const auto there = co_await ensure(registry, "kube-system", std::move(*dns)); !there)
      log::warn("Service kube-system/kube-dns is not made", {{"why", there.error().message}});
  }
  // An address that leads every node to itself is of no use to any of them, and is refused.
  if (server_address.is_loopback()) co_return kube::Answer<>{};
  auto there = co_await ensure_same(registry, "default", endpoint_slice(server_address, server_port));
  if (there) there = co_await ensure_same(registry, "default", endpoints(server_address, server_port));
  co_return there;
}

}  // namespace podwire::server
