#include "control/loops/selected.h"

#include <tuple>

namespace podwire::control {

Held<kube::Pod> pods_selected_by(const kube::Service& service, const Caches& caches) {
  Held<kube::Pod> held;
  const client::Index<kube::Pod>::Bucket* rarest = nullptr;
  for (const auto& [name, value] : service.selector) {
    const auto& bucket = caches.pods_by_label.at(label_key(service.meta.namespace_, name, value));
    if (rarest == nullptr || bucket.size() < rarest->size()) rarest = &bucket;
  }
  if (rarest != nullptr) held.add_all(*rarest);
  return held;
}

bool changes_endpoints(const kube::Pod* before, const kube::Pod* after) {
  if (before == nullptr || after == nullptr) return true;
  const auto what = [](const kube::Pod& pod) {
    return std::tie(pod.meta.labels, pod.status.pod_ips, pod.spec.node_name, pod.status.phase);
  };
  return what(*before) != what(*after) ||
         before->meta.deleted.has_value() != after->meta.deleted.has_value() ||
         kube::is_ready(*before) != kube::is_ready(*after);
}

}  // namespace podwire::control
