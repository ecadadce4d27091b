#pragma once
#include <cstddef>
#include <string_view>

#include "kernel/nft/nft.h"
#include "state/nft.h"

namespace podwire::apply {

/// The text of the agent's table: podwire.nft, built into the program.
[[nodiscard]] std::string_view podwire_shape();
/// "inet podwire NAME".
[[nodiscard]] state::NftSet podwire_set(std::string_view name);

/// Holds small sets of the agent's table to what is wanted, and the table itself there. The first call loads
/// the shape: it may be another program's, of before an upgrade. Each call compares with what is there, so a
/// call costs the size of the sets. Not thread-safe.
class PodwireTable {
 public:
  explicit PodwireTable(kernel::Nft& nft) : nft_(nft) {}
  /// Sets that `wanted` does not name are not looked at. Returns how many elements were added or removed; one
  /// transaction.
  Result<std::size_t> apply(const state::NftElements& wanted);
  /// Somebody has changed chains or rules: the next apply() loads the shape.
  void distrust() { trusted_ = false; }
  /// How often the shape was loaded: what else lives in the table has to come again when this has changed.
  [[nodiscard]] std::size_t loads() const { return loads_; }

 private:
  Result<> load();

  kernel::Nft& nft_;
  std::size_t loads_ = 0;
  bool trusted_ = false;
};

}  // namespace podwire::apply
