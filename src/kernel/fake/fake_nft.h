#pragma once
#include <memory>

#include "kernel/fake/machine.h"
#include "kernel/nft/nft.h"

namespace podwire::kernel::fake {

/// nf_tables in memory. A commit is all or none, and costs what the batch holds. Of a shape only tables,
/// chains and the declarations of sets and maps are kept; rules have no effect.
class FakeNft final : public Nft {
 public:
  FakeNft(std::shared_ptr<Machine> machine, std::shared_ptr<Namespace> home)
      : machine_(std::move(machine)), home_(std::move(home)) {}
  Result<> load_shape(std::string_view text) override;
  Result<> commit(const NftBatch& batch) override;
  Result<std::optional<state::NftElement>> get(const state::NftSet& set, const state::NftBytes& key) override;
  Result<std::vector<state::NftElement>> elements(const state::NftSet& set) override;
  Result<bool> has_table(state::NftFamily family, std::string_view table) override;
  Result<> delete_table(state::NftFamily family, std::string_view table) override;

 private:
  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Namespace> home_;
};

}  // namespace podwire::kernel::fake
