#include "cni/ipam_store.h"

#include <algorithm>

#include "base/log.h"
#include "cni/ipam_files.h"
#include "cni/ipam_selection.h"

namespace podwire::cni {
namespace {

using plan::Choice;
using plan::RangeSet;

/// From before a reboot. host-local's files do not say; `unsaid` decides about those.
bool is_void(const Reservation& reservation, std::string_view boot, bool unsaid) {
  return reservation.boot_id.empty() ? unsaid : reservation.boot_id != boot;
}

/// Removes what a reboot made void, once for each boot. A kill in the middle repeats it. Under the lock.
Result<std::vector<Reservation>> sweep_if_rebooted(const IpamFiles& files, const std::string& boot) {
  std::vector<Reservation> swept;
  const auto seen = files.boot();
  if (seen == boot) return swept;
  // What has no boot id was there before the boot that we saw last. Nobody said so for a directory that we
  // see first.
  const bool unsaid = seen.has_value();
  for (const auto& addr : TRY(files.addresses())) {
    const auto found = TRY(files.read(addr));
    if (!found || !is_void(*found, boot, unsaid)) continue;
    // What cannot be removed stays taken; it must not keep all other addresses from use.
    if (const auto removed = files.remove(addr); !removed)
      log::warn("address of an earlier boot stays taken", {{"error", removed.error().message()}});
    else
      swept.push_back(*found);
  }
  TRY(files.keep_notes({}));
  files.remove_temporary();
  TRY(files.set_boot(boot));
  return swept;
}

}  // namespace

IpamStore::IpamStore(const std::string& data_dir, std::string network, IpamStoreOptions options)
    : network_(std::move(network)), dir_(data_dir + "/" + network_), options_(std::move(options)) {}

Result<std::string> IpamStore::current_boot() const {
  if (!options_.boot_id.empty()) return options_.boot_id;
  return boot_id();
}

CniResult<std::vector<Choice>> IpamStore::reserve(const Owner& owner, const std::vector<RangeSet>& sets,
                                                  const std::vector<IpAddr>& wanted,
                                                  std::chrono::seconds cooldown) {
  const IpamFiles files(dir_, options_.durability);
  const auto boot = TRY(as_cni(current_boot(), Code::io_failure));
  const auto lock = TRY(as_cni(files.lock(), Code::io_failure));
  TRY(as_cni(sweep_if_rebooted(files, boot), Code::io_failure));

  IpamSelection selection(files, network_, owner);
  TRY(as_cni(selection.read(cooldown), Code::io_failure));
  TRY(selection.choose(sets, wanted));
  if (selection.fresh().empty()) return selection.choices();

  TRY(as_cni(files.create(selection.fresh(), owner, boot), Code::io_failure));
  for (const auto& addr : selection.fresh()) files.remove_tombstone(addr);
  for (const auto& [set, addr] : selection.moved()) files.set_last(set, addr);
  return selection.choices();
}

Result<std::vector<IpAddr>> IpamStore::release(const Owner& owner, const std::vector<IpAddr>& known) {
  const IpamFiles files(dir_, options_.durability);
  if (!files.there()) return std::vector<IpAddr>();
  const auto lock = TRY(files.lock());
  const auto noted = files.noted(owner);
  auto candidates = noted.value_or(std::vector<IpAddr>());
  candidates.insert(candidates.end(), known.begin(), known.end());
  auto owned = TRY(files.owned(owner, std::move(candidates)));
  if (owned.empty() && !noted) owned = TRY(files.owned(owner, TRY(files.addresses())));
  for (const auto& addr : owned) TRY(files.retire(addr));
  files.remove_notes(owner);
  files.remove_temporary();
  return owned;
}

Result<std::vector<Reservation>> IpamStore::reservations() const {
  const IpamFiles files(dir_, options_.durability);
  std::vector<Reservation> out;
  for (const auto& addr : TRY(files.addresses()))
    if (auto found = TRY(files.read(addr))) out.push_back(std::move(*found));
  return out;
}

Result<std::vector<IpAddr>> IpamStore::addresses_of(const Owner& owner) const {
  const IpamFiles files(dir_, options_.durability);
  auto owned = TRY(files.owned(owner, files.noted(owner).value_or(std::vector<IpAddr>())));
  if (!owned.empty()) return owned;
  return files.owned(owner, TRY(files.addresses()));
}

Result<std::vector<Reservation>> IpamStore::collect_garbage(const std::vector<Owner>& valid) {
  const IpamFiles files(dir_, options_.durability);
  if (!files.there()) return std::vector<Reservation>();
  const auto lock = TRY(files.lock());
  auto gone = TRY(sweep_if_rebooted(files, TRY(current_boot())));
  ErrorList errors;
  for (auto& reservation : TRY(reservations())) {
    if (std::ranges::any_of(valid, [&](const Owner& owner) { return belongs_to(reservation, owner); }))
      continue;
    if (auto retired = files.retire(reservation.addr); !retired)
      errors.check(std::move(retired));
    else
      gone.push_back(std::move(reservation));
  }
  errors.check(files.keep_notes(valid));
  files.remove_temporary();
  TRY(errors.result());
  return gone;
}

Result<u128> IpamStore::free_in_fullest(const std::vector<RangeSet>& sets) const {
  const IpamFiles files(dir_, options_.durability);
  const auto boot = TRY(current_boot());
  const auto seen = files.boot();
  std::vector<IpAddr> taken;
  for (const auto& addr : TRY(files.addresses())) {
    // The next ADD will sweep what a reboot made void.
    const auto found = seen == boot ? std::nullopt : TRY(files.read(addr));
    if (!found || !is_void(*found, boot, seen.has_value())) taken.push_back(addr);
  }
  u128 least = ~u128{0};
  for (const auto& set : sets) {
    const auto used = std::ranges::count_if(
        taken, [&](const IpAddr& a) { return plan::choose_exactly(set, a).has_value(); });
    least = std::min(least, plan::capacity(set) - static_cast<u128>(used));
  }
  return least;
}

}  // namespace podwire::cni
