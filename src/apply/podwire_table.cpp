#include "apply/podwire_table.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace podwire::apply {
namespace {

// ccache 4.7 does not know #embed; where it reads __TIME__ it looks at what the preprocessor printed
// (kube/schema.cpp).
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kShape[] = {
#embed "podwire.nft"
};
#pragma clang diagnostic pop

bool is_same(const state::NftElement& a, const state::NftElement& b) {
  return a.key == b.key && a.key_end == b.key_end && a.data == b.data;
}

std::vector<state::NftElement> without(const std::vector<state::NftElement>& all,
                                       const std::vector<state::NftElement>& those) {
  std::vector<state::NftElement> out;
  for (const auto& element : all)
    if (std::ranges::none_of(those, [&](const auto& other) { return is_same(element, other); }))
      out.push_back(element);
  return out;
}

}  // namespace

std::string_view podwire_shape() { return {kShape, std::size(kShape)}; }

state::NftSet podwire_set(std::string_view name) {
  return {.family = state::NftFamily::inet, .table = "podwire", .name = std::string(name)};
}

Result<> PodwireTable::load() {
  TRY(nft_.load_shape(podwire_shape()));
  ++loads_;
  trusted_ = true;
  return {};
}

Result<std::size_t> PodwireTable::apply(const state::NftElements& wanted) {
  if (!trusted_) TRY(load());
  kernel::NftBatch batch;
  std::size_t changes = 0;
  for (const auto& [name, elements] : wanted) {
    auto there = nft_.elements(podwire_set(name));
    if (!there && there.error().sys_errno == ENOENT) {  // somebody has flushed the ruleset
      TRY(load());
      there = nft_.elements(podwire_set(name));
    }
    if (!there) return std::unexpected(std::move(there.error()));
    auto gone = without(*there, elements), fresh = without(elements, *there);
    changes += gone.size() + fresh.size();
    // In one transaction: a network may go because one that holds it comes.
    if (!gone.empty()) batch.remove(podwire_set(name), std::move(gone));
    if (!fresh.empty()) batch.add(podwire_set(name), std::move(fresh));
  }
  if (!batch.empty()) TRY(nft_.commit(batch));
  return changes;
}

}  // namespace podwire::apply
