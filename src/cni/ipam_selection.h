#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cni/error.h"
#include "cni/ipam_files.h"
#include "plan/address_pool.h"

namespace podwire::cni {

/// One address out of each set for one owner, chosen by what the files say; writes nothing.
/// Use: read(), choose(), then the accessors. Under the lock, which the caller holds.
class IpamSelection {
 public:
  /// All three must outlive it.
  IpamSelection(const IpamFiles& files, const std::string& network, const Owner& owner)
      : files_(files), network_(network), owner_(owner) {}

  Result<> read(std::chrono::seconds cooldown);
  /// Codes 7 and 11 as IpamStore::reserve says.
  CniResult<> choose(const std::vector<plan::RangeSet>& sets, const std::vector<IpAddr>& wanted);

  [[nodiscard]] const std::vector<plan::Choice>& choices() const { return choices_; }
  /// What the owner had before, also where it was not chosen again.
  [[nodiscard]] const std::vector<IpAddr>& mine() const { return mine_; }
  /// What was chosen and has no file yet.
  [[nodiscard]] const std::vector<IpAddr>& fresh() const { return fresh_; }
  /// Which sets' search has come to which address.
  [[nodiscard]] const std::vector<std::pair<std::size_t, IpAddr>>& moved() const { return moved_; }

 private:
  CniResult<> place(const IpAddr& addr, const std::vector<plan::RangeSet>& sets,
                    std::vector<std::optional<plan::Choice>>& exact);
  CniResult<plan::Choice> choose_from(std::size_t index, const plan::RangeSet& set);
  [[nodiscard]] std::unexpected<CniError> refuse_taken(const IpAddr& addr) const;
  void add_fresh(const IpAddr& addr);

  const IpamFiles& files_;
  const std::string& network_;
  const Owner& owner_;
  std::chrono::seconds cooldown_{};
  IpamFiles::Time now_;
  std::vector<IpAddr> taken_, mine_, fresh_;
  std::vector<plan::Usage::Freed> freed_;
  std::vector<plan::Choice> choices_;
  std::vector<std::pair<std::size_t, IpAddr>> moved_;
};

}  // namespace podwire::cni
