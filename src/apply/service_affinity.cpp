#include "apply/service_affinity.h"

#include <algorithm>
#include <cerrno>
#include <map>

#include "apply/podwire_table.h"

namespace podwire::apply {
namespace {

// Keys and data of services.nft: a mark and an IPv4 address have four bytes each.
constexpr std::size_t kWord = 4;
using Word = std::vector<std::byte>;

Word word_of(const state::NftBytes& bytes, std::size_t index) {
  const auto all = bytes.bytes();
  if (all.size() < (index + 1) * kWord) return {};
  const auto one = all.subspan(index * kWord, kWord);
  return {one.begin(), one.end()};
}

/// pool -> slot -> where it leads.
using Slots = std::map<Word, std::map<Word, state::NftBytes>>;

Slots slots_in(const state::NftElements& elements) {
  Slots out;
  if (const auto at = elements.find("endpoints4"); at != elements.end())
    for (const auto& element : at->second)
      out[word_of(element.key, 0)][word_of(element.key, 1)] = element.data;
  return out;
}

const Word* slot_of(const Slots& slots, const Word& pool, const state::NftBytes& target) {
  const auto at = slots.find(pool);
  if (at == slots.end()) return nullptr;
  const auto found =
      std::ranges::find_if(at->second, [&](const auto& slot) { return slot.second == target; });
  return found == at->second.end() ? nullptr : &found->first;
}

}  // namespace

std::vector<AffinityMove> affinity_moves(const std::vector<state::NftElement>& remembered,
                                         const ServiceChange& change) {
  const auto before = slots_in(change.remove), after = slots_in(change.add);
  std::vector<AffinityMove> out;
  for (const auto& client : remembered) {
    const auto pool = word_of(client.key, 1), slot = word_of(client.data, 0);
    const auto changed = before.find(pool);
    if (changed == before.end()) continue;
    const auto was = changed->second.find(slot);
    if (was == changed->second.end()) continue;
    AffinityMove move{.remove = client, .add = std::nullopt};
    if (const auto* now = slot_of(after, pool, was->second)) {
      move.add = state::NftElement{.key = client.key, .timeout = client.timeout};
      move.add->data.raw(*now);
    }
    out.push_back(std::move(move));
  }
  return out;
}

Result<std::size_t> follow_affinity(kernel::Nft& nft, const ServiceChange& change) {
  if (!change.remove.contains("endpoints4")) return 0;
  const auto memory = podwire_set("affinity4");
  const auto remembered = nft.elements(memory);
  if (!remembered && remembered.error().sys_errno == ENOENT) return 0;
  if (!remembered) return std::unexpected(remembered.error());
  std::size_t moved = 0;
  // One at a time: a client whose time is up meanwhile is no reason to leave the others with a wrong
  // endpoint.
  for (auto& move : affinity_moves(*remembered, change)) {
    kernel::NftBatch batch;
    batch.remove(memory, {std::move(move.remove)});
    if (move.add) batch.add(memory, {std::move(*move.add)});
    const auto done = nft.commit(batch);
    if (!done && done.error().sys_errno != ENOENT) return std::unexpected(done.error());
    ++moved;
  }
  return moved;
}

}  // namespace podwire::apply
