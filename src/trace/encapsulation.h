#pragma once
#include <cstddef>
#include <string>

#include "trace/packet.h"

namespace podwire::trace {

struct BoxStyle {
  std::size_t width = 80;          ///< columns of the outermost box
  bool unicode = true;             ///< lines of box-drawing characters; false: of + - |
  std::size_t most_data_rows = 4;  ///< rows of hex of data; the rest is counted
};

/// Draws a packet as boxes, one in the other, as a header is put round what is already there: each with its
/// name, its length, its fields in words and its real bytes in hex. From `first_layer` inwards, so that a
/// packet can be built up step by step: the data first (the last index), in the end all (0).
[[nodiscard]] std::string boxes(const Packet& packet, std::size_t first_layer = 0,
                                const BoxStyle& style = {});

}  // namespace podwire::trace
