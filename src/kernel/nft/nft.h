#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/nft.h"

namespace podwire::kernel {

/// Changes to set and map elements, applied by the kernel as one transaction: all or none.
class NftBatch {
 public:
  struct Step {
    enum class Kind { add, create, remove, flush } kind;
    state::NftSet set;
    std::vector<state::NftElement> elements;
  };
  /// Adds elements; one that is there with the same data stays, comment and all (its timeout runs on; since
  /// Linux 6.12 one that is added with another timeout gets that one, from now). EEXIST: other data, or an
  /// interval inside one that is there.
  NftBatch& add(state::NftSet set, std::vector<state::NftElement> elements);
  /// Adds elements that must not be there yet: EEXIST.
  NftBatch& create(state::NftSet set, std::vector<state::NftElement> elements);
  /// Deletes by key; ENOENT when one is not there. In an interval set the interval that HOLDS the key goes,
  /// even when its ends are others: ask get() first where intervals may be nested.
  NftBatch& remove(state::NftSet set, std::vector<state::NftElement> elements);
  /// Empties a set.
  NftBatch& flush(state::NftSet set);
  [[nodiscard]] bool empty() const { return steps_.empty(); }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  /// As text for logs and golden files, a line an element, bytes in hex:
  /// "add element inet podwire published4 060000001f900000 : 0a58000200500000".
  [[nodiscard]] std::string str() const;

 private:
  std::vector<Step> steps_;
};

/// nf_tables of ONE network namespace. The *shape* (tables, chains, rules, sets) comes from a text file
/// loaded by `nft -f`; elements are written by our own netlink batches, one transaction each, whose cost
/// follows the batch and not the size of the tables. Synchronous, not thread-safe. Source:
/// linux/netfilter/nf_tables.h.
class Nft {
 public:
  virtual ~Nft() = default;
  /// Runs `nft -f -` in the namespace with this text, one transaction. Costs a process; for shapes only.
  virtual Result<> load_shape(std::string_view text) = 0;
  /// ENOENT with the set's name when the table or set is not there: the caller loads its shape and tries
  /// again.
  virtual Result<> commit(const NftBatch& batch) = 0;
  /// One element by key: O(1). nullopt when the set is there and the element is not. ENOENT: no such set.
  virtual Result<std::optional<state::NftElement>> get(const state::NftSet& set,
                                                       const state::NftBytes& key) = 0;
  /// All elements of a set, by key; taken again when a change came between. ENOENT: no such set.
  virtual Result<std::vector<state::NftElement>> elements(const state::NftSet& set) = 0;
  /// Is the table there?
  virtual Result<bool> has_table(state::NftFamily family, std::string_view table) = 0;
  /// Success when it is gone already.
  virtual Result<> delete_table(state::NftFamily family, std::string_view table) = 0;
};

}  // namespace podwire::kernel
