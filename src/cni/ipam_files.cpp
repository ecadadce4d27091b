#include "cni/ipam_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cni/invocation.h"

namespace podwire::cni {
namespace {

constexpr std::size_t kMostBytes = 4096;  // of any file here
constexpr int kMostPurged = 64;           // tombstones in one call
constexpr int kMostNotes = 64;            // of one owner

// There is one writer at a time, so one name is enough: a kill leaves one file, not many.
constexpr std::string_view kNew = ".tmp-podwire";
constexpr std::string_view kFreed = "freed/";
constexpr std::string_view kOwners = "owners/";

/// Takes the next line off the front, without its "\r\n" or "\n" and white space at its ends.
std::string_view next_line(std::string_view& text) {
  auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

std::string note_prefix(const Owner& owner) { return owner.container_id + ":" + owner.ifname + ":"; }

/// There is something of that name, but nothing to read: a directory, a socket, megabytes.
bool is_no_text(int error) {
  return error == EISDIR || error == ELOOP || error == ENXIO || error == EAGAIN || error == EFBIG;
}

/// Runs `act`, which gives an errno value or 0; once more with the directory made if that was what it lacked.
template <class Act>
int with_directory(const std::string& dir, Act act) {
  const int error = act();
  if (error != ENOENT || !make_directories(dir)) return error;
  return act();
}

/// Renames, but never over a file that is there.
Result<> rename_to_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return fail("rename to", to, errno);
  // A file system without the flag: under the lock nobody makes the file between the look and the rename.
  if (file_exists(to)) return fail("rename to", to, EEXIST);
  if (::rename(from.c_str(), to.c_str()) != 0) return fail("rename to", to, errno);
  return {};
}

}  // namespace

std::string format_reservation(const Reservation& r) {
  return r.owner.container_id + "\r\n" + r.owner.ifname + "\r\n" + r.boot_id + "\r\n" + r.addr.str() + "\r\n";
}

Reservation parse_reservation(const IpAddr& addr, std::string_view text) {
  Reservation out{.addr = addr, .owner = {}, .boot_id = {}};
  const auto container = next_line(text);
  if (!valid_container_id(container)) return out;
  out.owner.container_id = container;
  if (const auto ifname = next_line(text); valid_ifname(ifname)) out.owner.ifname = ifname;
  out.boot_id = next_line(text);
  return out;
}

std::optional<IpAddr> parse_note(std::string_view text) {
  for (int line = 0; line < 3; ++line) next_line(text);
  const auto addr = IpAddr::parse(next_line(text));
  return addr ? std::optional(*addr) : std::nullopt;
}

bool belongs_to(const Reservation& reservation, const Owner& owner) {
  if (reservation.owner.container_id.empty() || reservation.owner.container_id != owner.container_id)
    return false;
  return reservation.owner.ifname.empty() || reservation.owner.ifname == owner.ifname;
}

Result<FileLock> IpamFiles::lock() const {
  auto lock = FileLock::acquire(path("lock"));
  if (lock || lock.error().sys_errno != ENOENT) return lock;
  TRY(make_directories(dir_));
  return FileLock::acquire(path("lock"));
}

Result<std::vector<IpAddr>> IpamFiles::addresses() const {
  std::vector<IpAddr> out;
  for (const auto& name : TRY(list_directory(dir_)))
    if (const auto addr = IpAddr::parse(name)) out.push_back(*addr);
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);  // IPv6 in two spellings
  out.erase(twice.begin(), twice.end());
  return out;
}

Result<std::optional<Reservation>> IpamFiles::read(const IpAddr& addr) const {
  auto text = [&]() -> Result<std::string> {
    const auto fd = TRY(open_file(path(addr.str()), O_RDONLY | O_NONBLOCK));
    return read_all(fd.get(), kMostBytes);
  }();
  if (text) return parse_reservation(addr, *text);
  if (text.error().sys_errno == ENOENT) return std::nullopt;
  if (is_no_text(text.error().sys_errno)) return parse_reservation(addr, "");
  return std::unexpected(std::move(text.error()).in("reservation of " + addr.str()));
}

Result<std::vector<IpAddr>> IpamFiles::owned(const Owner& owner, std::vector<IpAddr> candidates) const {
  std::ranges::sort(candidates);
  std::vector<IpAddr> out;
  for (const auto& addr : candidates) {
    if (!out.empty() && out.back() == addr) continue;
    if (const auto found = TRY(read(addr)); found && belongs_to(*found, owner)) out.push_back(addr);
  }
  return out;
}

/// A new file with this text, under the temporary name.
Result<> IpamFiles::write_new(std::string_view text) const {
  const std::string file = path(kNew);
  auto fd = open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!fd && fd.error().sys_errno == EEXIST) {
    // Left by a kill, and perhaps a note by another name: not to be written into.
    TRY(remove_file(file));
    fd = open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
  }
  if (!fd) return std::unexpected(fd.error());
  TRY(write_all(fd->get(), text));
  if (durability_ == Durability::forever && ::fsync(fd->raw()) != 0) return fail("fsync", file, errno);
  return {};
}

std::string IpamFiles::note_path(const Owner& owner, int number) const {
  return path(kOwners) + note_prefix(owner) + std::to_string(number);
}

/// Gives the new file a second name, by which its owner finds it. Empty where the file system has no hard
/// links: then release() has to search.
Result<std::string> IpamFiles::add_note(const Owner& owner) const {
  const std::string from = path(kNew);
  int error = EEXIST;
  for (int number = 0; error == EEXIST && number < kMostNotes; ++number) {
    auto to = note_path(owner, number);
    error = with_directory(path(kOwners), [&] { return ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno; });
    if (error == 0) return to;
  }
  if (error == EPERM || error == EOPNOTSUPP || error == EMLINK) return std::string();
  return fail("note address of", owner.container_id, error);
}

Result<> IpamFiles::create(const std::vector<IpAddr>& addrs, const Owner& owner,
                           std::string_view boot_id) const {
  std::vector<std::string> made;
  // The note comes first: whatever is killed afterwards, release() finds by it what was made.
  const auto make = [&](const IpAddr& addr) -> Result<> {
    TRY(write_new(format_reservation({addr, owner, std::string(boot_id)})));
    if (auto note = TRY(add_note(owner)); !note.empty()) made.push_back(std::move(note));
    TRY(rename_to_new(path(kNew), path(addr.str())));
    made.push_back(path(addr.str()));
    return {};
  };
  for (const auto& addr : addrs) {
    auto done = make(addr);
    if (done) continue;
    while (!made.empty()) {
      (void)remove_file(made.back());
      made.pop_back();
    }
    remove_temporary();
    return done;
  }
  // The directory is not synced: a name that a power cut loses was of a boot that has ended: void anyway.
  return {};
}

Result<> IpamFiles::remove(const IpAddr& addr) const {
  TRY(remove_file(path(addr.str())));
  return {};
}

Result<> IpamFiles::retire(const IpAddr& addr) const {
  const auto from = path(addr.str()), to = path(kFreed) + addr.str();
  if (::utimensat(AT_FDCWD, from.c_str(), nullptr, 0) != 0 && errno == ENOENT) return {};
  const int error =
      with_directory(path(kFreed), [&] { return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno; });
  // Without a tombstone the address is only given out again sooner: that must not keep it from being given
  // back.
  return error == 0 ? Result<>{} : remove(addr);
}

Result<std::vector<plan::Usage::Freed>> IpamFiles::cooling(Time now, std::chrono::seconds cooldown) const {
  std::vector<plan::Usage::Freed> out;
  int purged = 0;
  for (const auto& name : TRY(list_directory(path(kFreed)))) {
    const auto addr = IpAddr::parse(name);
    struct stat st = {};
    const std::string file = path(kFreed) + name;
    if (!addr || ::stat(file.c_str(), &st) != 0) continue;
    const Time when{std::chrono::seconds(st.st_mtim.tv_sec) +
                    std::chrono::microseconds(st.st_mtim.tv_nsec / 1000)};
    // A time far in the future says that the clock was set back, and so nothing.
    if (now - when < cooldown && when - now < cooldown)
      out.push_back({*addr, when});
    else if (purged < kMostPurged && remove_file(file))
      ++purged;
  }
  return out;
}

void IpamFiles::remove_tombstone(const IpAddr& addr) const { (void)remove_file(path(kFreed) + addr.str()); }

std::optional<std::vector<IpAddr>> IpamFiles::noted(const Owner& owner) const {
  std::optional<std::vector<IpAddr>> out;
  for (int number = 0; number < kMostNotes; ++number) {
    const auto text = read_file(note_path(owner, number), kMostBytes);
    if (!text) break;
    if (!out) out.emplace();
    if (const auto addr = parse_note(*text)) out->push_back(*addr);
  }
  return out && out->empty() ? std::nullopt : out;
}

void IpamFiles::remove_notes(const Owner& owner) const {
  int count = 0;
  while (count < kMostNotes && file_exists(note_path(owner, count))) ++count;
  // From the last one: a kill in the middle must not leave a gap, where noted() would stop.
  while (count > 0) (void)remove_file(note_path(owner, --count));
}

Result<> IpamFiles::keep_notes(const std::vector<Owner>& keep) const {
  std::vector<std::string> prefixes;
  prefixes.reserve(keep.size());
  for (const auto& owner : keep) prefixes.push_back(note_prefix(owner));
  std::ranges::sort(prefixes);
  for (const auto& name : TRY(list_directory(path(kOwners))))
    if (!std::ranges::binary_search(prefixes, name.substr(0, name.rfind(':') + 1)))
      TRY(remove_file(path(kOwners) + name));
  return {};
}

std::optional<IpAddr> IpamFiles::last(std::size_t set) const {
  const auto text = read_file(path("last_reserved_ip.") + std::to_string(set), kMostBytes);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  const auto addr = IpAddr::parse(next_line(rest));
  return addr ? std::optional(*addr) : std::nullopt;
}

void IpamFiles::set_last(std::size_t set, const IpAddr& addr) const {
  const auto fd = open_file(path("last_reserved_ip.") + std::to_string(set), O_WRONLY | O_CREAT, 0600);
  const auto text = addr.str();
  // Cut afterwards, not before: ext4 writes a file out at once that was truncated to nothing and written
  // again.
  if (fd && write_all(fd->get(), text)) (void)::ftruncate(fd->raw(), static_cast<off_t>(text.size()));
}

std::optional<std::string> IpamFiles::boot() const {
  const auto text = read_file(path("boot"), kMostBytes);
  if (!text) return text.error().sys_errno == ENOENT ? std::nullopt : std::optional(std::string());
  std::string_view rest = *text;
  return std::string(next_line(rest));
}

Result<> IpamFiles::set_boot(std::string_view boot_id) const {
  TRY(write_new(std::string(boot_id) + "\n"));
  if (::rename(path(kNew).c_str(), path("boot").c_str()) != 0) return fail("rename to", path("boot"), errno);
  return {};
}

void IpamFiles::remove_temporary() const { (void)remove_file(path(kNew)); }

}  // namespace podwire::cni
