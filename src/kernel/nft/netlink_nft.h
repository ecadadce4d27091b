#pragma once
#include "kernel/netlink/socket.h"
#include "kernel/netns/netns.h"
#include "kernel/nft/nft.h"

namespace podwire::kernel {

/// The real one: nfnetlink for elements, the `nft` program for shapes.
class NetlinkNft final : public Nft {
 public:
  NetlinkNft(NetNs netns, netlink::Socket socket) : netns_(std::move(netns)), socket_(std::move(socket)) {}

  Result<> load_shape(std::string_view text) override;
  Result<> commit(const NftBatch& batch) override;
  Result<std::optional<state::NftElement>> get(const state::NftSet& set, const state::NftBytes& key) override;
  Result<std::vector<state::NftElement>> elements(const state::NftSet& set) override;
  Result<bool> has_table(state::NftFamily family, std::string_view table) override;
  Result<> delete_table(state::NftFamily family, std::string_view table) override;

 private:
  Result<std::vector<state::NftElement>> dump(const state::NftSet& set);
  Result<bool> has_set(const state::NftSet& set);

  NetNs netns_;
  netlink::Socket socket_;
};

}  // namespace podwire::kernel
