#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/netlink/socket.h"
#include "kernel/nft/nft.h"

namespace podwire::kernel {

/// nf_tables messages between NFNL_MSG_BATCH_BEGIN and _END: the kernel does all of them or none.
class NftTransaction {
 public:
  explicit NftTransaction(netlink::Socket& socket);

  /// The step's elements, in as many messages as they need (an attribute ends at 64 KiB).
  void add(const NftBatch::Step& step);
  void delete_table(state::NftFamily family, std::string_view table);

  /// Sends it and waits for the verdict. The Error names the set, and the element when one was refused.
  Result<> run();

 private:
  /// What a message was made from, to name it in an error.
  struct Origin {
    const NftBatch::Step* step = nullptr;  // nullptr: `object` alone
    std::size_t first_element = 0;
    std::string object;
  };
  std::uint32_t next(Origin origin);
  void add_elements(const NftBatch::Step& step);
  [[nodiscard]] Error explain(const netlink::Verdict& verdict) const;

  netlink::Socket& socket_;
  netlink::Writer writer_;
  std::uint32_t first_sequence_;
  std::vector<Origin> origins_;  // of the messages, from the one after BATCH_BEGIN
};

}  // namespace podwire::kernel
