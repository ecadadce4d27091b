#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/file.h"
#include "cni/ipam_store.h"
#include "plan/address_pool.h"

namespace podwire::cni {

/// What stands in a reservation's file, and back. Reads host-local's two lines and its older single one too;
/// whatever else it may be (empty after a crash, someone's notes), the address is taken, by nobody (an empty
/// owner).
[[nodiscard]] std::string format_reservation(const Reservation& reservation);
[[nodiscard]] Reservation parse_reservation(const IpAddr& addr, std::string_view text);
/// The address that a reservation of ours names: how one is found from its other name, the note.
[[nodiscard]] std::optional<IpAddr> parse_note(std::string_view text);
/// host-local's oldest files do not name the interface: then the container decides.
[[nodiscard]] bool belongs_to(const Reservation& reservation, const Owner& owner);

/// The files of one network (layout: ipam_store.h), one function for each thing that is done to them; what to
/// do is IpamStore's business. Whoever changes something holds lock().
class IpamFiles {
 public:
  using Time = std::chrono::system_clock::time_point;

  IpamFiles(std::string dir, Durability durability) : dir_(std::move(dir)), durability_(durability) {}

  /// Makes the directory if need be.
  Result<FileLock> lock() const;
  [[nodiscard]] bool there() const { return file_exists(dir_); }
  [[nodiscard]] const std::string& directory() const { return dir_; }

  /// Every address that has a file, ascending. Other names are not ours to judge.
  Result<std::vector<IpAddr>> addresses() const;
  /// nullopt: no such file.
  Result<std::optional<Reservation>> read(const IpAddr& addr) const;
  /// Those of `candidates` (ascending, each once) that are this owner's by what their files say.
  Result<std::vector<IpAddr>> owned(const Owner& owner, std::vector<IpAddr> candidates) const;
  /// Makes the files of all these addresses, each with its note, or of none. EEXIST when one is there.
  Result<> create(const std::vector<IpAddr>& addrs, const Owner& owner, std::string_view boot_id) const;
  Result<> remove(const IpAddr& addr) const;
  /// Makes the file its own tombstone: nothing new is made, and it is there under one of both names at any
  /// moment.
  Result<> retire(const IpAddr& addr) const;

  /// Tombstones within the cool-down. Those past it are removed, at most 64 in a call.
  Result<std::vector<plan::Usage::Freed>> cooling(Time now, std::chrono::seconds cooldown) const;
  void remove_tombstone(const IpAddr& addr) const;

  /// The addresses that the owner has or was about to get; nullopt: no note, or nothing legible in them.
  [[nodiscard]] std::optional<std::vector<IpAddr>> noted(const Owner& owner) const;
  void remove_notes(const Owner& owner) const;
  /// Removes the notes of all whom `keep` does not hold.
  Result<> keep_notes(const std::vector<Owner>& keep) const;

  /// Where the search of the n-th set goes on. A hint: lost is no harm.
  [[nodiscard]] std::optional<IpAddr> last(std::size_t set) const;
  void set_last(std::size_t set, const IpAddr& addr) const;

  /// The boot that the reservations are from; nullopt: nobody has said yet.
  [[nodiscard]] std::optional<std::string> boot() const;
  Result<> set_boot(std::string_view boot_id) const;

  /// What a kill in the middle of create() or set_boot() left.
  void remove_temporary() const;

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return dir_ + "/" + std::string(name); }
  [[nodiscard]] std::string note_path(const Owner& owner, int number) const;
  Result<> write_new(std::string_view text) const;
  Result<std::string> add_note(const Owner& owner) const;
  std::string dir_;
  Durability durability_;
};

}  // namespace podwire::cni
