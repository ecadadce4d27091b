#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "trace/packet.h"

namespace podwire::lab {

/// A run of bytes that two frames of the same length have differently.
struct ByteRange {
  std::size_t first = 0, last = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Runs of differing bytes, in order. Bytes that only one of them has count as differing. Pure.
[[nodiscard]] std::vector<ByteRange> differing(std::span<const std::byte> a, std::span<const std::byte> b);

/// "0-11, 22, 24-25"; "none".
[[nodiscard]] std::string describe(const std::vector<ByteRange>& ranges);

/// Is each of them inside one of these parts?
[[nodiscard]] bool all_inside(const std::vector<ByteRange>& ranges, const std::vector<ByteRange>& parts);

}  // namespace podwire::lab
