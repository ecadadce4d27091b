#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/service_proxy.h"
#include "state/nft.h"

namespace podwire::plan {

/// Where a Service's port is found, as the kernel's maps say.
struct SeenFrontend {
  Frontend at;
  std::optional<std::uint32_t> pool;  ///< its number; none: `otherwise`
  NoEndpoints otherwise = NoEndpoints::refuse;
  bool is_cluster_ip = false;
  friend bool operator==(const SeenFrontend&, const SeenFrontend&) = default;
};

/// A pool, as the kernel's maps say.
struct SeenPool {
  std::uint32_t number = 0;
  std::map<std::uint32_t, Target> slots;
  std::string chain;                   ///< "lb-3", "hash-3"; empty: nothing leads on, which is a fault
  std::uint32_t affinity_seconds = 0;  ///< 0: none, or for ever (chain hash-N)
  [[nodiscard]] bool masquerades() const;
  [[nodiscard]] bool keeps_source() const;
  friend bool operator==(const SeenPool&, const SeenPool&) = default;
};

/// One port of a Service, by the name that its elements have as their comment: "default/hello:http".
struct SeenPort {
  std::string name;
  std::vector<SeenFrontend> frontends;  ///< sorted
  std::map<std::uint32_t, SeenPool> pools;
  friend bool operator==(const SeenPort&, const SeenPort&) = default;
};

/// The networks whose addresses count as pods'; none: everybody's.
[[nodiscard]] std::vector<Cidr> pods_in(const state::NftElements& there);

/// Reads the maps of services.nft back: what was planned, told from what the kernel holds. Sorted by name.
/// Elements that nobody could have planned are passed over. Pure.
[[nodiscard]] std::vector<SeenPort> service_ports_in(const state::NftElements& there);

}  // namespace podwire::plan
