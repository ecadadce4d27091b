#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/pool_numbers.h"
#include "plan/service_elements.h"

namespace podwire::plan {

/// Who wants an element: the older Service has it, of two as old the first by name. The node's own wishes
/// come before all Services'.
struct Claimant {
  std::int64_t created = 0;  ///< seconds since 1970
  std::string name;          ///< "default/hello"; empty: the node itself
  friend auto operator<=>(const Claimant&, const Claimant&) = default;
};

/// What is to be done to the maps of services.nft.
struct TableChange {
  std::map<std::string, std::vector<state::NftElement>> remove, add;  ///< by set
  ServiceChains chains;  ///< that elements which are added lead to
  [[nodiscard]] bool empty() const { return remove.empty() && add.empty(); }
};

/// The elements of all Services of a node, and what has changed since it was asked last. A change of one
/// Service costs that Service, whatever others there are. Elements that several Services want (a class, a pod
/// that is behind two) are there while one wants them; where two want different things under one key (the
/// same external IP and port), the older one has it. The result does not depend on the order of updates, but
/// for the numbers of pools. Not thread-safe.
class ServiceTables {
 public:
  /// A Service as it is now. Returns what of it cannot be had, a sentence each.
  std::vector<std::string> set(const Claimant& who, const PlannedService& service);
  void erase(const std::string& name);
  void set_site(const ProxySite& site);

  /// Before the first set(): what the kernel holds from an earlier run, so that pools keep their numbers, and
  /// with them clients the endpoint that they were given. Sets by their names.
  void adopt(const state::NftElements& there);

  /// The changes since the last call; they count as done.
  [[nodiscard]] TableChange take_change();
  /// All elements as they should be, by set; and all chains.
  [[nodiscard]] state::NftElements wanted() const;
  [[nodiscard]] ServiceChains chains() const;

 private:
  struct Key {
    std::string set;
    state::NftBytes first, last;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Service {
    Claimant who;
    std::vector<SetElement> elements;
    std::map<std::string, std::uint32_t> numbers;  ///< by the pool's identity: see identity_of
    ServiceChains chains;
  };
  using Claims = std::map<Claimant, state::NftElement>;

  [[nodiscard]] std::optional<std::uint32_t> number_for(const PlannedPort& port, std::size_t pool,
                                                        const Service* before, const std::string& identity);
  void replace(Service& held, const Claimant& who, std::vector<SetElement> elements);
  void claim(const Claimant& who, const SetElement& element);
  void release(const Claimant& who, const SetElement& element);
  void note(const Key& key, const Claims* before_change);

  PoolNumbers numbers_;
  std::map<std::string, Service> services_;
  std::map<Key, Claims> claims_;
  std::map<Key, std::optional<state::NftElement>> touched_;  ///< as it was when take_change() was called last
  std::map<std::pair<std::string, state::NftBytes>, std::uint32_t> adopted_;  ///< frontend -> number
};

}  // namespace podwire::plan
