#include "control/rollout.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "control/deployment.h"

namespace podwire::control {

namespace {

int total_of(const std::vector<Share>& shares, int Share::* member) {
  return std::transform_reduce(shares.begin(), shares.end(), 0, std::plus<>(),
                               [=](const Share& s) { return s.*member; });
}

/// Pods of old sets that never became available go first: they serve nobody. Returns how many.
int drop_unavailable(std::vector<Share>& shares, int most) {
  int dropped = 0;
  for (auto& share : shares) {
    if (share.current || share.replicas <= share.available) continue;
    const int fewer = std::min(most - dropped, share.replicas - share.available);
    share.replicas -= fewer;
    dropped += fewer;
  }
  return dropped;
}

void shrink_old(std::vector<Share>& shares, int wanted, Limits limits) {
  const auto current = std::ranges::find(shares, true, &Share::current);
  const int starting = current == shares.end() ? 0 : std::max(0, current->replicas - current->available);
  const int least = wanted - limits.unavailable;
  const int spare = total_of(shares, &Share::replicas) - least - starting;
  if (spare <= 0) return;
  drop_unavailable(shares, spare);
  int more = total_of(shares, &Share::available) - least;
  for (auto& share : shares) {
    if (share.current || more <= 0) continue;
    const int fewer = std::min(share.replicas, more);
    share.replicas -= fewer;
    more -= fewer;
  }
}

int annotated_max(const kube::ReplicaSet& set, int otherwise) {
  const auto text = kube::text_of(set.meta.annotations, kMaxAnnotation);
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && value > 0 ? value : otherwise;
}

}  // namespace

Limits limits_of(const kube::Deployment& d) {
  if (d.recreate) return {};
  Limits limits{d.max_surge.of(d.replicas, true),
                std::min(d.max_unavailable.of(d.replicas, false), d.replicas)};
  if (limits.surge == 0 && limits.unavailable == 0) limits.unavailable = 1;
  return limits;
}

int replicas_of_current(const std::vector<Share>& shares, int wanted, Limits limits) {
  const auto current = std::ranges::find(shares, true, &Share::current);
  const int have = current == shares.end() ? 0 : current->replicas;
  if (have >= wanted) return wanted;
  const int room = wanted + limits.surge - total_of(shares, &Share::replicas);
  return have + std::clamp(room, 0, wanted - have);
}

void roll(std::vector<Share>& shares, int wanted, Limits limits) {
  const auto current = std::ranges::find(shares, true, &Share::current);
  if (current == shares.end()) return;
  const int next = replicas_of_current(shares, wanted, limits);
  if (next != current->replicas) {
    current->replicas = next;
  } else {
    shrink_old(shares, wanted, limits);
  }
}

void scale_proportionally(std::vector<Share>& shares, const kube::Deployment& d) {
  std::vector<Share*> active;
  for (auto& share : shares)
    if (share.replicas > 0) active.push_back(&share);
  if (active.size() <= 1) {  // one set runs, or none: the number is its own
    auto* only = active.empty() ? nullptr : active.front();
    if (only == nullptr) {
      const auto current = std::ranges::find(shares, true, &Share::current);
      if (current != shares.end()) only = &*current;
    }
    if (only != nullptr) only->replicas = d.replicas;
    return;
  }
  const auto current = std::ranges::find(shares, true, &Share::current);
  if (current != shares.end() && current->replicas == d.replicas && current->available == d.replicas) {
    for (auto* share : active)
      if (!share->current) share->replicas = 0;  // the rollout is over
    return;
  }
  if (d.recreate) return;

  const int allowed = d.replicas > 0 ? d.replicas + limits_of(d).surge : 0;
  int left = allowed - total_of(shares, &Share::replicas);
  const bool grow = left > 0;
  // The larger set changes first; of equal ones the newer grows and the older shrinks first.
  std::ranges::sort(active, [grow](const Share* a, const Share* b) {
    return a->replicas != b->replicas ? a->replicas > b->replicas : grow ? a > b : a < b;
  });
  for (auto* share : active) {
    const int before = annotated_max(*share->set, d.replicas);
    const double target = static_cast<double>(share->replicas) * allowed / before;
    const int change = static_cast<int>(std::lround(target)) - share->replicas;
    const int step = grow ? std::clamp(change, 0, left) : std::clamp(change, left, 0);
    share->replicas += step;
    left -= step;
  }
  active.front()->replicas = std::max(0, active.front()->replicas + left);
}

}  // namespace podwire::control
