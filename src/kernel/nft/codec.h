#pragma once
#include <cstddef>
#include <vector>

#include "base/result.h"
#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/nft.h"

namespace podwire::kernel {

/// Starts an nf_tables message: NFT_MSG_* and the family of what it is about.
void start_nft_message(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, state::NftFamily family,
                       std::uint32_t sequence = 0);
/// One about the elements of a set.
void start_set_message(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, const state::NftSet& set,
                       std::uint32_t sequence = 0);

enum class ElementPart { whole, key_only };

/// At most this many bytes in netlink for one element: chain names and comments are bounded.
inline constexpr std::size_t kLargestElement = 1024;

/// One element inside NFTA_SET_ELEM_LIST_ELEMENTS.
void put_element(netlink::Writer& w, const state::NftElement& element, ElementPart part);

/// The elements in one answer to NFT_MSG_GETSETELEM, appended to `out`. The ends of plain intervals come as
/// elements of their own, which NftElement cannot say: EOPNOTSUPP.
Result<> read_elements(const netlink::Message& message, std::vector<state::NftElement>& out);

}  // namespace podwire::kernel
