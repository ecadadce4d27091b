#include <algorithm>

#include "control/scheduler.h"

namespace podwire::control {

namespace {

std::string address_text(const kube::ContainerPort& port) {
  return port.host_ip && !port.host_ip->is_any() ? port.host_ip->str() : "";
}

template <class Map, class Key>
void count(Map& map, const Key& key, int by) {
  const auto at = map.try_emplace(key, 0).first;
  at->second += by;
  if (at->second <= 0) map.erase(at);
}

}  // namespace

bool NodeLoad::has_port(const kube::ContainerPort& port) const {
  const auto ip = address_text(port);
  for (auto at = ports_.lower_bound({port.protocol, port.host_port, ""});
       at != ports_.end() && at->first.protocol == port.protocol && at->first.port == port.host_port; ++at)
    if (ip.empty() || at->first.ip.empty() || at->first.ip == ip) return true;
  return false;
}

int NodeLoad::of_owner(const std::string& uid) const {
  const auto at = owners_.find(uid);
  return at != owners_.end() ? at->second : 0;
}

void NodeLoad::change(const kube::Pod& pod, int by) {
  for (const auto& [name, amount] : kube::requests_of(pod.spec)) {
    auto at = std::ranges::lower_bound(requested_, name, {}, &kube::Amounts::value_type::first);
    if (at == requested_.end() || at->first != name) at = requested_.emplace(at, name, kube::Quantity());
    at->second = by > 0 ? at->second + amount : at->second - amount;
  }
  pods_ += by;
  for (const auto& container : pod.spec.containers)
    for (const auto& port : container.ports)
      if (port.host_port != 0) count(ports_, HostPort{port.protocol, port.host_port, address_text(port)}, by);
  if (const auto* owner = kube::controller_of(pod.meta)) count(owners_, owner->uid, by);
}

}  // namespace podwire::control
