#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/index.h"
#include "client/informer.h"
#include "client/tasks.h"
#include "control/garbage_collector.h"
#include "kube/types/daemon_set.h"
#include "kube/types/deployment.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/endpoints.h"
#include "kube/types/lease.h"
#include "kube/types/namespace.h"
#include "kube/types/node.h"
#include "kube/types/pod.h"
#include "kube/types/replica_set.h"
#include "kube/types/service.h"

namespace podwire::control {

/// One resource's informer, of which only the metadata is asked: for those who care for objects of any kind.
class Source {
 public:
  using Changed = std::function<void(const MetaPtr& before, const MetaPtr& after)>;

  virtual ~Source() = default;
  [[nodiscard]] virtual const std::string& resource() const = 0;
  [[nodiscard]] virtual bool namespaced() const = 0;
  [[nodiscard]] virtual bool synced() const = 0;
  [[nodiscard]] virtual std::uint64_t seen() const = 0;
  [[nodiscard]] virtual MetaPtr find(std::string_view ns, std::string_view name) const = 0;
  /// What it points to is good until the next event.
  [[nodiscard]] virtual std::vector<const kube::ObjectMeta*> in_namespace(std::string_view ns) const = 0;
  virtual void on_change(Changed handler) = 0;
  virtual void on_progress(std::function<void()> handler) = 0;
  virtual http::Task<void> run() = 0;
};

/// Pods, sets... that nobody controls, by namespace, beside those of an owner, by its uid.
[[nodiscard]] std::string orphans_of(std::string_view ns);
/// The key of what carries this label.
[[nodiscard]] std::string label_key(std::string_view ns, std::string_view name, std::string_view value);

/// What all controllers see of the cluster: one watch a resource, shared. Every stored resource is there,
/// those without a type of their own by their metadata; but not events.
class Caches {
 public:
  Caches(const client::Api& api, const kube::Schema& schema);
  Caches(const Caches&) = delete;
  Caches& operator=(const Caches&) = delete;

  client::Informer<kube::Pod> pods;
  client::Informer<kube::Node> nodes;
  client::Informer<kube::Service> services;
  client::Informer<kube::EndpointSlice> slices;
  client::Informer<kube::Endpoints> endpoints;
  client::Informer<kube::ReplicaSet> replica_sets;
  client::Informer<kube::Deployment> deployments;
  client::Informer<kube::DaemonSet> daemon_sets;
  client::Informer<kube::Namespace> namespaces;
  client::Informer<kube::Lease> leases;

  client::Index<kube::Pod> pods_by_owner;  ///< uid of the controller, or orphans_of()
  client::Index<kube::Pod> pods_by_label;  ///< label_key()
  client::Index<kube::Pod> pods_by_node;
  client::Index<kube::ReplicaSet> sets_by_owner;       ///< uid of the controller, or orphans_of()
  client::Index<kube::EndpointSlice> slices_by_label;  ///< label_key() of the Service's name
  client::Index<kube::Service> services_by_label;      ///< label_key() of the first label that it selects by

  [[nodiscard]] const std::vector<std::unique_ptr<Source>>& sources() const { return sources_; }
  /// nullptr: it is not watched.
  [[nodiscard]] Source* source(std::string_view resource) const;

  /// Those that select the pod, now or with the labels that it had.
  [[nodiscard]] std::vector<client::Index<kube::Service>::Ptr> services_of(const kube::Pod& pod) const;

 private:
  template <class T>
  void keep(client::Informer<T>& informer, std::string resource, bool namespaced = true);

  std::vector<std::unique_ptr<Source>> sources_;
  std::map<std::string, Source*, std::less<>> by_resource_;
  std::vector<std::unique_ptr<client::Informer<client::Metadata>>> others_;
};

}  // namespace podwire::control
