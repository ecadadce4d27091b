#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "agent/options.h"
#include "base/addr.h"

namespace podwire::agent {

inline constexpr const char* kConflistName = "10-podwire.conflist";

/// What container runtimes read: the configuration of podwire-cni for this node's pods. Their masquerade is
/// the agent's matter, by podCIDR.
struct Conflist {
  PodLink link = PodLink::routed;
  std::uint32_t mtu = 0;
  std::span<const Cidr> pod_cidrs;  ///< of a family also several: a pod gets its address out of any
};

/// Where podwire-cni's STATUS looks for the agent's word: kReadyFile in there is empty where pods can be
/// served, else it says why not; kAliveFile is locked as long as an agent is there. See cni/gc.cpp.
inline constexpr const char* kAgentRunDir = "/run/podwire/agent";
inline constexpr const char* kReadyFile = "not-ready";
inline constexpr const char* kAliveFile = "alive";

[[nodiscard]] std::string text_of(const Conflist& conflist);

}  // namespace podwire::agent
