#include "control/loops/caches.h"

#include <algorithm>

#include "control/endpoint_slices.h"

namespace podwire::control {
namespace {

template <class T>
class InformerSource final : public Source {
 public:
  InformerSource(client::Informer<T>& informer, std::string resource, bool namespaced)
      : informer_(informer), resource_(std::move(resource)), namespaced_(namespaced) {}

  [[nodiscard]] const std::string& resource() const override { return resource_; }
  [[nodiscard]] bool namespaced() const override { return namespaced_; }
  [[nodiscard]] bool synced() const override { return informer_.synced(); }
  [[nodiscard]] std::uint64_t seen() const override { return informer_.seen(); }
  [[nodiscard]] MetaPtr find(std::string_view ns, std::string_view name) const override {
    return meta_of(informer_.find(ns, name));
  }
  [[nodiscard]] std::vector<const kube::ObjectMeta*> in_namespace(std::string_view ns) const override {
    std::vector<const kube::ObjectMeta*> found;
    for (const auto& object : informer_.in_namespace(ns)) found.push_back(&object->meta);
    return found;
  }
  void on_change(Changed handler) override {
    informer_.on_change([handler = std::move(handler)](const auto& before, const auto& after) {
      handler(meta_of(before), meta_of(after));
    });
  }
  void on_progress(std::function<void()> handler) override { informer_.on_progress(std::move(handler)); }
  http::Task<void> run() override { return informer_.run(); }

 private:
  static MetaPtr meta_of(const typename client::Informer<T>::Ptr& object) {
    return object ? MetaPtr(object, &object->meta) : nullptr;
  }

  client::Informer<T>& informer_;
  std::string resource_;
  bool namespaced_;
};

client::Selection all_of(std::string resource, bool metadata_only = false) {
  client::Selection selection;
  selection.resource = std::move(resource);
  selection.metadata_only = metadata_only;
  return selection;
}

template <class T>
std::vector<std::string> owner_keys(const T& object) {
  const auto* owner = kube::controller_of(object.meta);
  return {owner != nullptr ? owner->uid : orphans_of(object.meta.namespace_)};
}

std::vector<std::string> label_keys(const kube::Pod& pod) {
  std::vector<std::string> keys;
  keys.reserve(pod.meta.labels.size());
  for (const auto& [name, value] : pod.meta.labels)
    keys.push_back(label_key(pod.meta.namespace_, name, value));
  return keys;
}

std::vector<std::string> node_keys(const kube::Pod& pod) {
  if (pod.spec.node_name.empty()) return {};
  return {pod.spec.node_name};
}

std::vector<std::string> slice_keys(const kube::EndpointSlice& slice) {
  const auto* service = kube::find(slice.meta.labels, kServiceNameLabel);
  if (service == nullptr) return {};
  return {label_key(slice.meta.namespace_, kServiceNameLabel, *service)};
}

std::vector<std::string> selector_keys(const kube::Service& service) {
  if (service.selector.empty()) return {};
  const auto& [name, value] = service.selector.front();
  return {label_key(service.meta.namespace_, name, value)};
}

}  // namespace

std::string orphans_of(std::string_view ns) { return "orphans of " + std::string(ns); }

std::string label_key(std::string_view ns, std::string_view name, std::string_view value) {
  std::string key(ns);
  key += '/';
  key += name;
  key += '=';
  key += value;
  return key;
}

Caches::Caches(const client::Api& api, const kube::Schema& schema)
    : pods(api, all_of("pods")),
      nodes(api, all_of("nodes")),
      services(api, all_of("services")),
      slices(api, all_of("endpointslices.discovery.k8s.io")),
      endpoints(api, all_of("endpoints")),
      replica_sets(api, all_of("replicasets.apps")),
      deployments(api, all_of("deployments.apps")),
      daemon_sets(api, all_of("daemonsets.apps")),
      namespaces(api, all_of("namespaces")),
      leases(api, all_of("leases.coordination.k8s.io")),
      pods_by_owner(pods, owner_keys<kube::Pod>),
      pods_by_label(pods, label_keys),
      pods_by_node(pods, node_keys),
      sets_by_owner(replica_sets, owner_keys<kube::ReplicaSet>),
      slices_by_label(slices, slice_keys),
      services_by_label(services, selector_keys) {
  keep(pods, "pods");
  keep(nodes, "nodes", false);
  keep(services, "services");
  keep(slices, "endpointslices.discovery.k8s.io");
  keep(endpoints, "endpoints");
  keep(replica_sets, "replicasets.apps");
  keep(deployments, "deployments.apps");
  keep(daemon_sets, "daemonsets.apps");
  keep(namespaces, "namespaces", false);
  keep(leases, "leases.coordination.k8s.io");
  for (const auto& resource : schema.resources()) {
    const auto name = kube::GroupResource{resource.group, resource.plural}.str();
    if (!resource.stored || resource.plural == "events" || by_resource_.contains(name)) continue;
    auto& informer =
        *others_.emplace_back(std::make_unique<client::Informer<client::Metadata>>(api, all_of(name, true)));
    keep(informer, name, resource.namespaced);
  }
}

template <class T>
void Caches::keep(client::Informer<T>& informer, std::string resource, bool namespaced) {
  auto& source =
      *sources_.emplace_back(std::make_unique<InformerSource<T>>(informer, std::move(resource), namespaced));
  by_resource_[source.resource()] = &source;
}

Source* Caches::source(std::string_view resource) const {
  const auto found = by_resource_.find(resource);
  return found != by_resource_.end() ? found->second : nullptr;
}

std::vector<client::Index<kube::Service>::Ptr> Caches::services_of(const kube::Pod& pod) const {
  std::vector<client::Index<kube::Service>::Ptr> found;
  for (const auto& [name, value] : pod.meta.labels)
    for (const auto& service : services_by_label.at(label_key(pod.meta.namespace_, name, value)))
      if (std::ranges::all_of(service->selector, [&](const auto& label) {
            const auto* have = kube::find(pod.meta.labels, label.first);
            return have != nullptr && *have == label.second;
          }))
        found.push_back(service);
  return found;
}

}  // namespace podwire::control
