#include "apply/network_steps.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace podwire::apply {
namespace {

using state::Network;

/// Must it be made anew?
bool differs_for_good(const state::Tunnel& a, const state::Tunnel& b) {
  return a.vni != b.vni || a.port != b.port || a.local != b.local || a.underlay != b.underlay ||
         a.learning != b.learning;
}

/// With a tunnel goes everything that lies on it.
Network without(Network network, const std::string& tunnel) {
  const auto on_it = [&](const auto& item) { return item.second.link == tunnel; };
  std::erase_if(network.neighbours, on_it);
  std::erase_if(network.fdb, on_it);
  std::erase_if(network.routes, on_it);
  network.tunnels.erase(tunnel);
  return network;
}

template <class T, class Key>
void set_missing(const std::map<Key, state::OnLink<T>>& actual, const std::map<Key, state::OnLink<T>>& wanted,
                 std::vector<NetworkStep>& steps) {
  for (const auto& [key, item] : wanted)
    if (const auto at = actual.find(key); at == actual.end() || at->second != item)
      steps.emplace_back(Set<T>{item});
}

template <class T, class Key>
void drop_unwanted(const std::map<Key, state::OnLink<T>>& actual,
                   const std::map<Key, state::OnLink<T>>& wanted, std::vector<NetworkStep>& steps) {
  for (const auto& [key, item] : actual)
    if (!wanted.contains(key)) steps.emplace_back(Drop<T>{item});
}

std::string words(const MakeTunnel& s) { return "make " + state::describe(s.name, s.tunnel); }
std::string words(const ChangeTunnel& s) { return "change " + state::describe(s.name, s.tunnel); }
std::string words(const DropTunnel& s) { return "drop " + s.name; }
template <class T>
std::string words(const Set<T>& s) {
  return fmt::format("set {} on {}", state::describe(s.item.object), s.item.link);
}
template <class T>
std::string words(const Drop<T>& s) {
  return fmt::format("drop {} on {}", state::describe(s.item.object), s.item.link);
}

}  // namespace

std::vector<NetworkStep> network_steps(const Network& actual, const Network& wanted) {
  std::vector<NetworkStep> steps;
  Network there = actual;
  for (const auto& [name, tunnel] : wanted.tunnels) {
    const auto at = there.tunnels.find(name);
    if (at != there.tunnels.end() && differs_for_good(at->second, tunnel)) {
      steps.emplace_back(DropTunnel{name});
      there = without(std::move(there), name);
    }
    if (!there.tunnels.contains(name))
      steps.emplace_back(MakeTunnel{name, tunnel});
    else if (const auto& now = there.tunnels.at(name); now != tunnel) {
      steps.emplace_back(ChangeTunnel{name, tunnel});
      // With a new MAC the kernel forgets all neighbours of the device.
      if (now.mac != tunnel.mac)
        std::erase_if(there.neighbours, [&](const auto& item) { return item.second.link == name; });
    }
  }
  set_missing(there.neighbours, wanted.neighbours, steps);
  set_missing(there.fdb, wanted.fdb, steps);
  set_missing(there.routes, wanted.routes, steps);
  drop_unwanted(there.routes, wanted.routes, steps);
  drop_unwanted(there.fdb, wanted.fdb, steps);
  drop_unwanted(there.neighbours, wanted.neighbours, steps);
  for (const auto& [name, tunnel] : there.tunnels)
    if (!wanted.tunnels.contains(name)) steps.emplace_back(DropTunnel{name});
  return steps;
}

std::string describe(const NetworkStep& step) {
  return std::visit([](const auto& s) { return words(s); }, step);
}

}  // namespace podwire::apply
