#include "apply/network_steps.h"

#include <fmt/format.h>

#include <string_view>
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

template <class Set, class Map>
void set_missing(const Map& actual, const Map& wanted, std::vector<NetworkStep>& steps) {
  for (const auto& [key, item] : wanted)
    if (const auto at = actual.find(key); at == actual.end() || at->second != item)
      steps.emplace_back(Set{item});
}

template <class Drop, class Map>
void drop_unwanted(const Map& actual, const Map& wanted, std::vector<NetworkStep>& steps) {
  for (const auto& [key, item] : actual)
    if (!wanted.contains(key)) steps.emplace_back(Drop{item});
}

template <class T>
std::string words(std::string_view verb, const state::OnLink<T>& item) {
  return fmt::format("{} {} on {}", verb, state::describe(item.object), item.link);
}
std::string words(const MakeTunnel& s) { return "make " + state::describe(s.name, s.tunnel); }
std::string words(const ChangeTunnel& s) { return "change " + state::describe(s.name, s.tunnel); }
std::string words(const DropTunnel& s) { return "drop " + s.name; }
std::string words(const SetNeighbour& s) { return words("set", s.neighbour); }
std::string words(const DropNeighbour& s) { return words("drop", s.neighbour); }
std::string words(const SetFdb& s) { return words("set", s.entry); }
std::string words(const DropFdb& s) { return words("drop", s.entry); }
std::string words(const SetRoute& s) { return words("set", s.route); }
std::string words(const DropRoute& s) { return words("drop", s.route); }

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
  set_missing<SetNeighbour>(there.neighbours, wanted.neighbours, steps);
  set_missing<SetFdb>(there.fdb, wanted.fdb, steps);
  set_missing<SetRoute>(there.routes, wanted.routes, steps);
  drop_unwanted<DropRoute>(there.routes, wanted.routes, steps);
  drop_unwanted<DropFdb>(there.fdb, wanted.fdb, steps);
  drop_unwanted<DropNeighbour>(there.neighbours, wanted.neighbours, steps);
  for (const auto& [name, tunnel] : there.tunnels)
    if (!wanted.tunnels.contains(name)) steps.emplace_back(DropTunnel{name});
  return steps;
}

std::string describe(const NetworkStep& step) {
  return std::visit([](const auto& s) { return words(s); }, step);
}

}  // namespace podwire::apply
