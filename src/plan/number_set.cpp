#include "plan/number_set.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace podwire::plan {
namespace {

constexpr unsigned kBits = 64;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

u128 word_of(u128 n) { return n / kBits; }
unsigned bit_of(u128 n) { return static_cast<unsigned>(n % kBits); }
std::uint64_t mask_of(u128 n) { return std::uint64_t{1} << bit_of(n); }

}  // namespace

/// The run that holds `word`, or end.
std::map<u128, u128>::const_iterator NumberSet::full_run(Word word) const {
  auto it = full_.upper_bound(word);
  if (it == full_.begin()) return full_.end();
  --it;
  return word <= it->second ? it : full_.end();
}

std::uint64_t NumberSet::bits_of(Word word) const {
  if (full_run(word) != full_.end()) return kAll;
  const auto it = mixed_.find(word);
  return it == mixed_.end() ? 0 : it->second;
}

/// The last free number of `word` was taken: it becomes, joins or connects runs.
void NumberSet::fill(Word word) {
  mixed_.erase(word);
  Word first = word;
  Word last = word;
  if (const auto after = full_.upper_bound(word); after != full_.end() && after->first == word + 1) {
    last = after->second;
    full_.erase(after);
  }
  if (const auto before = word == 0 ? full_.end() : full_run(word - 1); before != full_.end()) {
    first = before->first;
    full_.erase(before);
  }
  full_.emplace(first, last);
}

/// Takes `word` out of its run, which may split it in two, to be mixed.
void NumberSet::open(Word word) {
  const auto run = full_run(word);
  const auto [first, last] = *run;
  full_.erase(run);
  if (first < word) full_.emplace(first, word - 1);
  if (word < last) full_.emplace(word + 1, last);
  mixed_.emplace(word, kAll);
}

bool NumberSet::contains(u128 n) const { return (bits_of(word_of(n)) & mask_of(n)) != 0; }

bool NumberSet::insert(u128 n) {
  const Word word = word_of(n);
  if (full_run(word) != full_.end()) return false;
  auto& bits = mixed_[word];
  if ((bits & mask_of(n)) != 0) return false;
  bits |= mask_of(n);
  ++size_;
  if (bits == kAll) fill(word);
  return true;
}

bool NumberSet::erase(u128 n) {
  const Word word = word_of(n);
  if (full_run(word) != full_.end()) open(word);
  const auto it = mixed_.find(word);
  if (it == mixed_.end() || (it->second & mask_of(n)) == 0) return false;
  it->second &= ~mask_of(n);
  --size_;
  if (it->second == 0) mixed_.erase(it);
  return true;
}

std::optional<u128> NumberSet::first_missing(u128 from, u128 to) const {
  // A word that is not full ends the search, and behind a full run comes one: three rounds at the most.
  while (from <= to) {
    const Word word = word_of(from);
    if (const auto run = full_run(word); run != full_.end()) {
      if (run->second >= word_of(to)) return std::nullopt;
      from = (run->second + 1) * kBits;
      continue;
    }
    const std::uint64_t free = ~bits_of(word) & (kAll << bit_of(from));
    if (free != 0) {
      const u128 found = word * kBits + static_cast<unsigned>(std::countr_zero(free));
      return found <= to ? std::optional(found) : std::nullopt;
    }
    if (word == word_of(to)) return std::nullopt;
    from = (word + 1) * kBits;
  }
  return std::nullopt;
}

std::optional<u128> NumberSet::first_present(u128 from, u128 to) const {
  if (from > to) return std::nullopt;
  const Word word = word_of(from);
  u128 found = to;
  if (const std::uint64_t here = bits_of(word) & (kAll << bit_of(from)); here != 0) {
    found = word * kBits + static_cast<unsigned>(std::countr_zero(here));
    return found <= to ? std::optional(found) : std::nullopt;
  }
  const auto mixed = mixed_.upper_bound(word);
  const auto full = full_.upper_bound(word);
  if (mixed == mixed_.end() && full == full_.end()) return std::nullopt;
  if (mixed != mixed_.end() && (full == full_.end() || mixed->first < full->first))
    found = mixed->first * kBits + static_cast<unsigned>(std::countr_zero(mixed->second));
  else
    found = full->first * kBits;
  return found <= to ? std::optional(found) : std::nullopt;
}

}  // namespace podwire::plan
