#include "lab/byte_difference.h"

#include <fmt/format.h>

#include <algorithm>

namespace podwire::lab {

std::vector<ByteRange> differing(std::span<const std::byte> a, std::span<const std::byte> b) {
  std::vector<ByteRange> out;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i < a.size() && i < b.size() && a[i] == b[i]) continue;
    if (!out.empty() && out.back().last + 1 == i)
      out.back().last = i;
    else
      out.push_back({i, i});
  }
  return out;
}

std::string describe(const std::vector<ByteRange>& ranges) {
  std::string out;
  for (const auto& [first, last] : ranges) {
    out += out.empty() ? "" : ", ";
    out += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  }
  return out.empty() ? "none" : out;
}

bool all_inside(const std::vector<ByteRange>& ranges, const std::vector<ByteRange>& parts) {
  return std::ranges::all_of(ranges, [&](const ByteRange& range) {
    return std::ranges::any_of(
        parts, [&](const ByteRange& part) { return part.first <= range.first && range.last <= part.last; });
  });
}

}  // namespace podwire::lab
