#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/nft/nft.h"
#include "state/nft.h"

namespace podwire::apply {

/// The text of services.nft, built into the program: the part of table `inet podwire` that Services need.
[[nodiscard]] std::string_view services_shape();
/// The names of its sets and maps that podwire fills (not those that packets fill).
[[nodiscard]] const std::vector<std::string>& service_sets();

/// Elements to be written, and the chains that they lead to: a chain's name and the text that makes it.
struct ServiceChange {
  state::NftElements remove, add;
  std::vector<std::pair<std::string, std::string>> chains;
  /// How many elements are removed and added.
  [[nodiscard]] std::size_t size() const;
};

/// Holds the maps of services.nft to what is wanted. The shape is loaded by `nft -f` when it is not there, a
/// chain the first time that something leads to it; all else is one netlink transaction a call, so that no
/// packet ever meets half of a change. Not thread-safe.
class ServiceApplier {
 public:
  explicit ServiceApplier(kernel::Nft& nft) : nft_(nft) {}

  /// What is there of our sets, an earlier run's too; empty sets where the table is not there.
  Result<state::NftElements> read();
  /// A change to what is known to be there. Where the kernel refuses something of it, all else is done all
  /// the same, Service by Service (their elements have one comment), and the error says which was not.
  /// ENOENT: the table is gone, and nothing was done.
  Result<> apply(const ServiceChange& change);
  /// Reads what is there and makes it so. What is right already stays untouched. Returns what was done.
  Result<ServiceChange> hold(const state::NftElements& wanted,
                             const std::vector<std::pair<std::string, std::string>>& chains);

 private:
  Result<> ensure_chains(const std::vector<std::pair<std::string, std::string>>& chains);
  Result<> apply_each(const ServiceChange& change);
  static kernel::NftBatch batch_of(const ServiceChange& change);

  kernel::Nft& nft_;
  bool is_loaded_ = false;
  std::set<std::string> chains_;  ///< that we made since the shape was loaded
};

}  // namespace podwire::apply
