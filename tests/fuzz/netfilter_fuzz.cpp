#include <linux/netfilter/nf_tables.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "kernel/conntrack/codec.h"
#include "kernel/nft/codec.h"

/// Any bytes are an answer about set elements or connections. An element that was read can be written, and
/// then reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::kernel;
  for (const auto& m : netlink::Messages(std::as_bytes(std::span(data, size)))) {
    if (const auto flow = read_flow(m); flow && describe(*flow).empty()) std::abort();
    std::vector<podwire::state::NftElement> read;
    if (!read_elements(m, read)) continue;
    for (auto& element : read) {
      if (describe(element).empty() && !element.key.empty()) std::abort();
      netlink::Writer w;
      start_set_message(w, NFT_MSG_NEWSETELEM, 0, {});
      {
        const auto list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
        put_element(w, element, ElementPart::whole);
      }
      if (!w.fits()) continue;
      std::vector<podwire::state::NftElement> again;
      if (!read_elements(*netlink::Messages(w.bytes()).begin(), again) || again.size() != 1) std::abort();
      // What the kernel alone tells, and what a request cuts to its bounds.
      again[0].expires = element.expires;
      if (element.comment.size() > 127) element.comment.resize(127);
      if (again[0] != element) std::abort();
    }
  }
  return 0;
}
