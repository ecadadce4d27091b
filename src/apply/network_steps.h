#pragma once
#include <string>
#include <variant>
#include <vector>

#include "state/network.h"

namespace podwire::apply {

// One change of a namespace's network each.
struct MakeTunnel {
  std::string name;
  state::Tunnel tunnel;
};
/// MAC, MTU, address, up; everything else of a tunnel can only be made anew.
struct ChangeTunnel {
  std::string name;
  state::Tunnel tunnel;
};
struct DropTunnel {
  std::string name;
};
/// Makes it, or replaces the one in its place (a route: without a moment in which there is none).
template <class T>
struct Set {
  state::OnLink<T> item;
};
template <class T>
struct Drop {
  state::OnLink<T> item;
};

using NetworkStep =
    std::variant<MakeTunnel, ChangeTunnel, DropTunnel, Set<state::Neighbour>, Drop<state::Neighbour>,
                 Set<state::FdbEntry>, Drop<state::FdbEntry>, Set<state::Route>, Drop<state::Route>>;

/// From what is there to what is wanted, in an order in which no packet is lost: what a route leads to is
/// there before the route, and goes after it. Equal networks: no steps. Pure; costs both networks once.
[[nodiscard]] std::vector<NetworkStep> network_steps(const state::Network& actual,
                                                     const state::Network& wanted);

[[nodiscard]] std::string describe(const NetworkStep& step);

}  // namespace podwire::apply
