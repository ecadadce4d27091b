#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "trace/compare.h"
#include "trace/encapsulation.h"
#include "trace/summary.h"

/// Any bytes are a frame: its layers cover it without a gap, and all that is said of it can be said.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::trace;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto whole = decode(bytes);
  const auto cut = decode(bytes.first(size / 2), size);
  for (const auto* packet : {&whole, &cut}) {
    std::size_t at = 0;
    for (const auto& layer : packet->layers) {
      if (layer.offset != at) std::abort();
      at += layer.length;
    }
    if (at != packet->bytes.size()) std::abort();
    if (summary(*packet).empty() || boxes(*packet).empty()) std::abort();
  }
  (void)describe(compare(whole, cut));
  if (!compare(whole, whole).changes.empty()) std::abort();
  return 0;
}
