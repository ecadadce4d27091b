#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernel/fake/nft_set.h"
#include "state/address.h"
#include "state/flow.h"
#include "state/link.h"
#include "state/neighbour.h"
#include "state/qdisc.h"
#include "state/route.h"

namespace podwire::kernel::fake {

struct Namespace;

/// A device: what the kernel shows of it (`link`) and what it keeps beside that.
/// link.running, peer_index and peer_netnsid are derived: `settle()` writes them.
struct Device {
  state::Link link;
  bool mac_chosen = false;  ///< of a bridge: set by someone, so that it no longer follows its ports
  bool mtu_chosen = false;  ///< of a bridge: the same for its MTU
  bool ready = false;       ///< up and with carrier since: IPv6 has taken it into use
  std::weak_ptr<Namespace> peer_home;  ///< of a veth: where its other end is
  int peer_index = 0;
};

struct NftTable {
  std::set<std::string> chains;
  std::map<std::string, NftSetContent> sets;
};
using NftTables = std::map<std::pair<state::NftFamily, std::string>, NftTable>;

/// All state of one fake namespace. Plain data; devices.h, fib.h and addresses.h hold its rules.
struct Namespace {
  std::string name;
  std::map<int, Device> devices;
  int last_index = 0;
  std::vector<state::Address> addresses;  ///< in order of arrival: the first of a subnet is its primary
  std::vector<state::Route> routes;
  std::vector<state::Neighbour> neighbours;
  std::vector<state::FdbEntry> fdb;  ///< as set; the ports' own MACs are added when read
  std::map<int, state::TokenBucket> shapers;
  std::map<int, int> redirects;
  NftTables tables;
  std::vector<state::Flow> flows;
  std::map<std::string, std::string, std::less<>> sysctls;
  std::vector<std::weak_ptr<Namespace>> known;  ///< its netnsids, by position

  Device* find(int index);
  Device* find(std::string_view name);
  /// ENODEV when there is no such device; `verb` is for the error.
  Result<Device*> need(std::string_view verb, int index);
  /// The name of a device, or "#7" when it is gone.
  [[nodiscard]] std::string name_of(int index) const;
};

}  // namespace podwire::kernel::fake
