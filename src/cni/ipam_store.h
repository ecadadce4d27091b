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

/// Only tests set these.
struct IpamStoreOptions {
  std::string boot_id;  ///< empty: the kernel's
  Durability durability = Durability::forever;
};

/// The addresses of one network on disk, so that no address is given twice, whatever is killed when.
///
/// Layout, which host-local's data directory can be taken over into:
///   <dir>/<network>/<address>              "containerID\r\nifname\r\nbootID\r\naddress\r\n": taken
///   <dir>/<network>/last_reserved_ip.<set> the last one given out of the n-th set
///   <dir>/<network>/freed/<address>        a tombstone: its mtime says when the address was given back
///   <dir>/<network>/owners/<containerID>:<ifname>:<n>  a note: second name of the owner's n-th reservation
///   <dir>/<network>/boot                   the boot id of the last ADD
///   <dir>/<network>/lock                   flocked
/// Only the <address> files decide. Notes are made before them and removed after them, and save the search
/// through all files; the rest are hints.
///
/// An address is reserved by a file written beside, fsynced and renamed into place (never over another),
/// under the lock, before anything is built with it; it is given back by renaming it to its tombstone. After
/// a reboot every reservation that carries another boot id is void (namespaces do not survive): the first
/// reserve() or collect_garbage() sweeps them once, and until then they count for nobody. Files without a
/// boot id are host-local's; they stay until the first reboot that we see. Files that say nothing legible
/// keep their address from use until then, or until collect_garbage(). Not thread-safe; processes exclude
/// each other by the lock. Cost: one directory listing for each reservation, independent of the subnet's size
/// and of what is in the files.
class IpamStore {
 public:
  IpamStore(const std::string& data_dir, std::string network, IpamStoreOptions options = {});

  /// One address out of each set, for this owner: all or none. `wanted`: addresses that must be used (each
  /// from the set that holds it; code 7 when none does or two are of one set, 11 when one is taken). An owner
  /// that has addresses already gets the same ones. Code 11 ("try again later", the pool and its numbers
  /// named) when a set is full.
  CniResult<std::vector<plan::Choice>> reserve(const Owner& owner, const std::vector<plan::RangeSet>& sets,
                                               const std::vector<IpAddr>& wanted,
                                               std::chrono::seconds cooldown = std::chrono::seconds(30));

  /// Gives back what this owner holds and returns it; success when nothing. `known`: its addresses as the
  /// caller has them recorded. A file that belongs to another owner is left alone. Cost: that of the
  /// addresses given back; of a search through all files when there is neither a note of this owner nor a
  /// known address that is its own.
  Result<std::vector<IpAddr>> release(const Owner& owner, const std::vector<IpAddr>& known = {});

  /// What the files say, also those that are void or illegible. Sorted by address.
  Result<std::vector<Reservation>> reservations() const;
  Result<std::vector<IpAddr>> addresses_of(const Owner& owner) const;
  /// Releases what belongs to nobody in `valid` and removes left-over temporary files. Returns what went.
  Result<std::vector<Reservation>> collect_garbage(const std::vector<Owner>& valid);
  /// Free addresses of the fullest set, for STATUS. Code 50 text is the caller's.
  Result<u128> free_in_fullest(const std::vector<plan::RangeSet>& sets) const;

  [[nodiscard]] const std::string& directory() const { return dir_; }

 private:
  [[nodiscard]] Result<std::string> current_boot() const;

  std::string network_, dir_;
  IpamStoreOptions options_;
};

}  // namespace podwire::cni
