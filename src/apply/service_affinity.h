#pragma once
#include <optional>

#include "apply/service_applier.h"
#include "kernel/nft/nft.h"

namespace podwire::apply {

/// Keeps session affinity true when the endpoints of pools move to other slots: who was given an endpoint
/// that is still there stays with it, who had one that is gone is forgotten. `change` is one that was just
/// applied. Reads the memory (map affinity4) only when a pool with affinity has changed. Returns how many
/// clients were moved or forgotten.
Result<std::size_t> follow_affinity(kernel::Nft& nft, const ServiceChange& change);

/// What becomes of one remembered client; nullopt: nothing. A batch's worth: removed, and added where it
/// moves. Pure.
struct AffinityMove {
  state::NftElement remove;
  std::optional<state::NftElement> add;
};
[[nodiscard]] std::vector<AffinityMove> affinity_moves(const std::vector<state::NftElement>& remembered,
                                                       const ServiceChange& change);

}  // namespace podwire::apply
