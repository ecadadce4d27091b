#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/file.h"
#include "base/result.h"
#include "cni/error.h"
#include "plan/address_pool.h"

namespace podwire::cni {

/// Whose address: the CNI key within a network.
struct Owner {
  std::string container_id, ifname;
  friend auto operator<=>(const Owner&, const Owner&) = default;
};

/// One reserved address as its file says.
struct Reservation {
  IpAddr addr;
  Owner owner;
  std::string boot_id;  ///< empty: written by host-local, which does not say
};

/// The addresses of one network on disk, so that no address is given twice, whatever is killed when.
///
/// Layout, which host-local's data directory can be taken over into: <dir>/<network>/<address> holds
/// "containerID\r\nifname\r\nbootID\r\n" (IPv6 addresses as they are); <dir>/<network>/last_reserved_ip.<set> the last one given
/// out; <dir>/<network>/freed/<address> is a tombstone whose mtime says when it was given back; <dir>/<network>/lock is
/// flocked; <dir>/<network>/boot holds the boot id of the last ADD.
///
/// An address is reserved by a file written beside, fsynced and renamed (or link()ed) into place, under the lock, before
/// anything is built with it. After a reboot every reservation that carries another boot id is void (namespaces do
/// not survive): the first reserve() sweeps them once. Not thread-safe; processes exclude each other by the lock.
/// Cost: one directory listing for each reservation, independent of the subnet's size.
class IpamStore {
 public:
  IpamStore(std::string data_dir, std::string network);

  /// One address out of each set, for this owner: all or none. `wanted`: addresses that must be used (each from the
  /// set that holds it; code 7 when none does, 11 when one is taken). An owner that has addresses already gets the same ones.
  /// Code 11 ("try again later", the pool and its numbers named) when a set is full.
  CniResult<std::vector<plan::Choice>> reserve(const Owner& owner, const std::vector<plan::RangeSet>& sets,
                                               const std::vector<IpAddr>& wanted,
                                               std::chrono::seconds cooldown = std::chrono::seconds(30));

  /// Gives back what this owner holds; success when nothing. `known`: its addresses, if known (O(1) instead of a
  /// search through all files); a file that belongs to another owner is left alone.
  Result<std::vector<IpAddr>> release(const Owner& owner, const std::vector<IpAddr>& known = {});

  Result<std::vector<Reservation>> reservations() const;
  Result<std::vector<IpAddr>> addresses_of(const Owner& owner) const;
  /// Releases what belongs to nobody in `valid` and removes left-over temporary files. Returns what went.
  Result<std::vector<Reservation>> collect_garbage(const std::vector<Owner>& valid);
  /// Free addresses of the fullest set, for STATUS. Code 50 text is the caller's.
  Result<u128> free_in_fullest(const std::vector<plan::RangeSet>& sets) const;

  [[nodiscard]] const std::string& directory() const { return dir_; }

 private:
  std::string dir_;
};

}  // namespace podwire::cni
