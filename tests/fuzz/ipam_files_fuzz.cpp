// A network's address directory with anything in it. The input is a list of files: NAME NUL CONTENT NUL NAME
// NUL ... Names may begin with "owners/" or "freed/".
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/log.h"
#include "cni/ipam_files.h"
#include "cni/ipam_store.h"

using namespace podwire;
using namespace podwire::cni;

namespace {

const Owner kAlice{"alice", "eth0"}, kBob{"bob", "eth0"};

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view next_field(std::string_view& input) {
  const auto field = input.substr(0, input.find('\0'));
  input.remove_prefix(std::min(input.size(), field.size() + 1));
  return field;
}

void write_files(const std::string& dir, std::string_view input) {
  for (int count = 0; !input.empty() && count < 32; ++count) {
    const std::string name(next_field(input));
    const auto content = next_field(input);
    const auto slash = name.find('/');
    const bool below = name.starts_with("owners/") || name.starts_with("freed/");
    if (slash != std::string::npos && (!below || name.find('/', slash + 1) != std::string::npos)) continue;
    std::ofstream(dir + "/" + name) << content;  // names that cannot be made are not
  }
}

std::set<IpAddr> addresses_in(const IpamStore& store) {
  std::set<IpAddr> out;
  for (const auto& r : store.reservations().value()) must(out.insert(r.addr).second);
  return out;
}

std::vector<plan::RangeSet> pools() {
  const auto range = [](const char* subnet) {
    return plan::complete({Cidr::parse(subnet).value(), {}, {}, {}}).value();
  };
  return {{range("10.1.0.0/28")}, {range("fd00::/64")}};
}

/// What is given to two owners is theirs alone, whatever was there before; a full pool is an honest answer.
void exercise(IpamStore store) {
  static const auto sets = pools();
  must(store.free_in_fullest(sets).has_value());
  std::set<IpAddr> given;
  for (const auto& owner : {kAlice, kBob}) {
    const auto got = store.reserve(owner, sets, {});
    if (!got) {
      must(!got.error().msg.empty() && got.error().code != Code::internal);
      continue;
    }
    must(got->size() == sets.size());
    for (const auto& choice : *got) must(given.insert(choice.addr).second);
    const auto held = store.addresses_of(owner).value();
    for (const auto& choice : *got) must(std::ranges::find(held, choice.addr) != held.end());
  }
  must(store.release(kAlice).has_value());
  must(store.collect_garbage({kBob}).has_value());
  for (const auto& r : store.reservations().value()) must(belongs_to(r, kBob));
  must(store.collect_garbage({}).has_value());
  must(addresses_in(store).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  log::set_level(log::Level::error);
  static const std::string root = "/dev/shm/podwire-fuzz-" + std::to_string(::getpid());
  const std::string dir = root + "/net";
  std::filesystem::create_directories(dir + "/owners");
  std::filesystem::create_directories(dir + "/freed");
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)parse_reservation(IpAddr(), input);
  (void)parse_note(input);
  write_files(dir, input);
  exercise({root, "net", {.boot_id = "boot-1", .durability = Durability::until_reboot}});
  std::filesystem::remove_all(root);
  return 0;
}
