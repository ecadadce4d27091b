#include "cni/ipam_selection.h"

#include <algorithm>

namespace podwire::cni {
namespace {

using plan::Choice;
using plan::RangeSet;

std::string decimal(u128 n) {
  std::string out;
  do {
    out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(n % 10)));
    n /= 10;
  } while (n != 0);
  return out;
}

bool holds(const std::vector<IpAddr>& addrs, const IpAddr& addr) {
  return std::ranges::find(addrs, addr) != addrs.end();
}

}  // namespace

Result<> IpamSelection::read(std::chrono::seconds cooldown) {
  cooldown_ = cooldown;
  now_ = std::chrono::system_clock::now();
  taken_ = TRY(files_.addresses());
  mine_ = TRY(files_.owned(owner_, files_.noted(owner_).value_or(std::vector<IpAddr>())));
  freed_ = TRY(files_.cooling(now_, cooldown));
  return {};
}

CniResult<> IpamSelection::choose(const std::vector<RangeSet>& sets, const std::vector<IpAddr>& wanted) {
  std::vector<std::optional<Choice>> exact(sets.size());
  for (const auto& addr : wanted) TRY(place(addr, sets, exact));
  for (std::size_t i = 0; i < sets.size(); ++i)
    choices_.push_back(exact[i] ? *exact[i] : TRY(choose_from(i, sets[i])));
  return {};
}

void IpamSelection::add_fresh(const IpAddr& addr) {
  fresh_.push_back(addr);
  taken_.push_back(addr);
}

/// A wanted address goes to the set that holds it.
CniResult<> IpamSelection::place(const IpAddr& addr, const std::vector<RangeSet>& sets,
                                 std::vector<std::optional<Choice>>& exact) {
  std::string why = "network \"" + network_ + "\" has no ranges";
  for (std::size_t i = 0; i < sets.size(); ++i) {
    auto choice = plan::choose_exactly(sets[i], addr);
    if (!choice) {
      // The gateway's message says more than that of the sets that do not have it.
      if (i == 0 || sets[i].front().subnet.contains(addr)) why = choice.error().message();
      continue;
    }
    if (exact[i] && exact[i]->addr == addr) return {};
    if (exact[i])
      return refuse(Code::bad_config, "requested addresses " + exact[i]->addr.str() + " and " + addr.str() +
                                          " are both of " + plan::describe(sets[i]) + ", which gives one");
    if (!holds(mine_, addr)) {
      if (holds(taken_, addr)) return refuse_taken(addr);
      add_fresh(addr);
    }
    exact[i] = *choice;
    return {};
  }
  return refuse(Code::bad_config, "requested address: " + why);
}

std::unexpected<CniError> IpamSelection::refuse_taken(const IpAddr& addr) const {
  const auto found = files_.read(addr);
  const bool known = found && *found && !(*found)->owner.container_id.empty();
  return refuse(Code::try_again_later, "requested address " + addr.str() + " of network \"" + network_ +
                                           "\" is taken" +
                                           (known ? " by container " + (*found)->owner.container_id : ""));
}

CniResult<Choice> IpamSelection::choose_from(std::size_t index, const RangeSet& set) {
  for (const auto& addr : mine_)
    if (auto same = plan::choose_exactly(set, addr)) return *same;
  const plan::Usage usage{.taken = taken_, .freed = freed_, .last = files_.last(index)};
  auto choice = plan::choose(set, usage, now_, cooldown_);
  if (!choice)
    return refuse(Code::try_again_later, "network \"" + network_ + "\" has no free address in " +
                                             plan::describe(set) + ": all " + decimal(plan::capacity(set)) +
                                             " are taken");
  add_fresh(choice->addr);
  moved_.emplace_back(index, choice->addr);
  return *choice;
}

}  // namespace podwire::cni
