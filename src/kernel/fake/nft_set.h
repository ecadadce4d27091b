#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "state/nft.h"

namespace podwire::kernel::fake {

/// What the declaration of a set says about its elements. Widths in bytes, unpadded.
struct NftSetType {
  std::vector<unsigned> key;   ///< the width of each component; empty: not known, nothing is checked
  std::vector<unsigned> data;  ///< of a map's data; empty: a set, or a verdict map
  bool map = false;
  bool verdicts = false;  ///< data is a verdict
  bool timeouts = false;
  bool intervals = false;
  friend bool operator==(const NftSetType&, const NftSetType&) = default;
};

/// The elements of one set or map, with the kernel's rules for putting one in and taking one out.
class NftSetContent {
 public:
  using Key = std::pair<state::NftBytes, state::NftBytes>;  ///< key and key_end
  NftSetContent() = default;
  explicit NftSetContent(NftSetType type) : type_(std::move(type)) {}

  [[nodiscard]] const NftSetType& type() const { return type_; }
  [[nodiscard]] const std::map<Key, state::NftElement>& elements() const { return elements_; }
  /// Does a key have the width that the set's type says?
  [[nodiscard]] bool fits_key(const state::NftBytes& key) const;
  /// The element of exactly this key, or of an interval set the one that holds it.
  [[nodiscard]] const state::NftElement* find(const state::NftBytes& key) const;
  /// 0 or the kernel's errno: EINVAL for an element that does not fit the set, EEXIST for a clash
  /// (`exclusive`: also when it is there with the same data). An element that is there with the same data
  /// takes the new timeout.
  [[nodiscard]] int insert(const state::NftElement& element, bool exclusive);
  /// 0, ENOENT, or EINVAL for a key of another width. Data in `element` is not looked at, and of an interval
  /// only its first key: whichever element holds that goes, as in the kernel.
  [[nodiscard]] int erase(const state::NftElement& element);
  void clear() { elements_.clear(); }
  /// Puts exactly this key back to how it was; nothing: it was not there. Nothing is checked.
  void restore(const Key& key, const std::optional<state::NftElement>& element) {
    elements_.erase(key);
    if (element) elements_.emplace(key, *element);
  }

 private:
  [[nodiscard]] bool fits(const state::NftElement& element) const;
  [[nodiscard]] bool holds(const state::NftElement& interval, const state::NftBytes& key) const;

  NftSetType type_;
  std::map<Key, state::NftElement> elements_;
};

}  // namespace podwire::kernel::fake
