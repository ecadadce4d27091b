#include "kernel/fake/nft_set.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace podwire::kernel::fake {
namespace {

unsigned padded(unsigned width) { return (width + 3) / 4 * 4; }

/// A lone component has its own width, components of a concatenation are padded to 4.
bool has_width(const state::NftBytes& bytes, const std::vector<unsigned>& components) {
  if (components.empty()) return true;
  if (components.size() == 1) return bytes.bytes().size() == components[0];
  std::size_t sum = 0;
  for (const unsigned width : components) sum += padded(width);
  return bytes.bytes().size() == sum;
}

}  // namespace

bool NftSetContent::fits_key(const state::NftBytes& key) const { return has_width(key, type_.key); }

bool NftSetContent::fits(const state::NftElement& e) const {
  if (type_.key.empty()) return true;
  if (!fits_key(e.key)) return false;
  if (!e.key_end.empty() && (!type_.intervals || !has_width(e.key_end, type_.key))) return false;
  if (e.timeout && !type_.timeouts) return false;
  if (!type_.map) return e.data.empty() && !e.verdict;
  if (type_.verdicts) return e.verdict.has_value() && e.data.empty();
  return !e.data.empty() && !e.verdict && has_width(e.data, type_.data);
}

bool NftSetContent::holds(const state::NftElement& interval, const state::NftBytes& key) const {
  const auto low = interval.key.bytes();
  const auto high = interval.key_end.empty() ? low : interval.key_end.bytes();
  const auto at = key.bytes();
  if (low.size() != at.size() || high.size() != at.size()) return false;
  std::size_t offset = 0;
  const auto within = [&](std::size_t width) {
    const std::size_t n = std::min(width, at.size() - offset);
    const bool in = std::memcmp(low.data() + offset, at.data() + offset, n) <= 0 &&
                    std::memcmp(at.data() + offset, high.data() + offset, n) <= 0;
    offset += n;
    return in;
  };
  if (type_.key.size() < 2) return within(at.size());
  return std::ranges::all_of(type_.key, [&](unsigned width) { return within(padded(width)); });
}

const state::NftElement* NftSetContent::find(const state::NftBytes& key) const {
  if (const auto it = elements_.find({key, {}}); it != elements_.end()) return &it->second;
  if (!type_.intervals) return nullptr;
  for (const auto& [at, element] : elements_)
    if (holds(element, key)) return &element;
  return nullptr;
}

int NftSetContent::insert(const state::NftElement& element, bool exclusive) {
  if (!fits(element)) return EINVAL;
  const Key key{element.key, element.key_end};
  if (const auto it = elements_.find(key); it != elements_.end()) {
    const auto& there = it->second;
    if (exclusive || there.data != element.data || there.verdict != element.verdict) return EEXIST;
    if (element.timeout) it->second.timeout = element.timeout;
    return 0;
  }
  // The kernel looks up only the new interval's first and last key: one that swallows an older one gets in.
  const auto& last = element.key_end.empty() ? element.key : element.key_end;
  if (type_.intervals && (find(element.key) != nullptr || find(last) != nullptr)) return EEXIST;
  elements_.emplace(key, element);
  return 0;
}

int NftSetContent::erase(const state::NftElement& element) {
  if (!fits_key(element.key)) return EINVAL;
  if (elements_.erase({element.key, element.key_end}) == 1) return 0;
  const auto* holder = type_.intervals ? find(element.key) : nullptr;
  if (holder == nullptr) return ENOENT;
  elements_.erase({holder->key, holder->key_end});
  return 0;
}

}  // namespace podwire::kernel::fake
