#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/addr.h"  // u128

namespace podwire::plan {

/// A set of numbers out of a range as wide as an IPv6 subnet, for "which of these are taken?". A stretch
/// that is empty and a stretch that is full cost nothing but their ends; only where taken and free lie
/// mixed there is one small node for every 64 numbers. Every operation is O(log nodes), however full it
/// is. Value type.
class NumberSet {
 public:
  /// False: it was in already.
  bool insert(u128 n);
  /// False: it was not in.
  bool erase(u128 n);
  [[nodiscard]] bool contains(u128 n) const;
  /// How many are in.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The lowest number of [from, to] that is not in.
  [[nodiscard]] std::optional<u128> first_missing(u128 from, u128 to) const;
  /// The lowest number of [from, to] that is in.
  [[nodiscard]] std::optional<u128> first_present(u128 from, u128 to) const;
  /// For tests and figures: nodes held.
  [[nodiscard]] std::size_t nodes() const { return mixed_.size() + full_.size(); }

 private:
  using Word = u128;  // a number's upper bits: which 64 it is one of

  [[nodiscard]] std::map<Word, Word>::const_iterator full_run(Word word) const;
  [[nodiscard]] std::uint64_t bits_of(Word word) const;
  void fill(Word word);
  void open(Word word);

  std::map<Word, std::uint64_t> mixed_;  // words with some of their numbers in, never none or all
  std::map<Word, Word> full_;            // runs of words with all in: first to last; no two touch
  std::uint64_t size_ = 0;
};

}  // namespace podwire::plan
