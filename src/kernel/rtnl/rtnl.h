#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/netns/netns.h"
#include "state/address.h"
#include "state/link.h"
#include "state/neighbour.h"
#include "state/qdisc.h"
#include "state/route.h"

namespace podwire::kernel {

/// One end of a veth pair to be made.
struct VethEnd {
  std::string name;
  std::optional<Mac> mac;  ///< none: the kernel's random choice
  std::uint32_t mtu = 0;   ///< 0: the kernel's default
  int master_index = 0;    ///< host end only: the bridge it becomes a port of
  bool up = true;          ///< host end only: the kernel refuses a peer that is up before it has an other end
};

/// What to change on a link; fields that are not set stay as they are.
struct LinkChange {
  std::optional<std::string> name;
  std::optional<bool> up;
  std::optional<Mac> mac;
  std::optional<std::uint32_t> mtu;
  std::optional<int> master_index;  ///< 0 takes it out of its bridge
  std::optional<bool> promisc;
  std::optional<std::string> alias;
  std::optional<bool> hairpin, isolated, learning;  ///< of a bridge port
};

struct BridgeSpec {
  std::string name;
  std::optional<Mac>
      mac;  ///< set it: a bridge without one takes the lowest of its ports' and changes with them
  std::uint32_t mtu = 0;
  bool vlan_filtering = false;
};

struct VxlanSpec {
  std::string name;
  state::Vxlan vxlan;
  std::optional<Mac> mac;
  std::uint32_t mtu = 0;
};

enum class Existing { fail, replace };  ///< NLM_F_EXCL or NLM_F_REPLACE

/// Links, addresses, routes, neighbours, FDB and shapers of ONE network namespace over rtnetlink.
/// Synchronous: each call is one round trip (dumps: as many as the kernel needs, taken again when the kernel
/// says that a dump was interrupted, at most 8 times). Not thread-safe; one object a thread.
/// Errors carry verb, object, errno and the kernel's extended ack text. Strict checking is on: an attribute
/// that the kernel does not know is an error, not silence. Source: linux/rtnetlink.h, if_link.h, neighbour.h.
class Rtnl {
 public:
  virtual ~Rtnl() = default;

  // Links.
  virtual Result<std::vector<state::Link>> links() = 0;
  virtual Result<state::Link> link(std::string_view name) = 0;  ///< ENODEV when there is none
  virtual Result<state::Link> link(int index) = 0;
  /// One message: host end here, peer end made straight in `peer_netns` under its final name, down.
  /// EEXIST when either name is taken. Returns the host end's index.
  virtual Result<int> create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) = 0;
  virtual Result<int> create_bridge(const BridgeSpec& spec) = 0;
  virtual Result<int> create_vxlan(const VxlanSpec& spec) = 0;
  /// Kinds without options: "dummy", "ifb".
  virtual Result<int> create_plain(std::string_view kind, std::string_view name) = 0;
  virtual Result<> change_link(int index, const LinkChange& change) = 0;
  virtual Result<> move_link(int index, const NetNs& to) = 0;
  /// ENODEV when it is gone; callers that tear down treat that as success.
  virtual Result<> delete_link(int index) = 0;

  // Addresses. Family nullopt: both.
  virtual Result<std::vector<state::Address>> addresses(std::optional<Family> family = {},
                                                        int link_index = 0) = 0;
  virtual Result<> add_address(const state::Address& address, Existing existing = Existing::fail) = 0;
  virtual Result<> delete_address(const state::Address& address) = 0;

  // Routes. Dumps give one table (254 main); table 0 gives all.
  virtual Result<std::vector<state::Route>> routes(std::optional<Family> family = {},
                                                   std::uint32_t table = 254) = 0;
  virtual Result<> add_route(const state::Route& route, Existing existing = Existing::fail) = 0;
  virtual Result<> delete_route(const state::Route& route) = 0;
  /// Which route a packet to `dst` takes. `fib_match`: the route that matched, else the cloned answer.
  virtual Result<state::RouteAnswer> route_to(const IpAddr& dst, bool fib_match = false) = 0;

  // Neighbours and forwarding entries.
  virtual Result<std::vector<state::Neighbour>> neighbours(std::optional<Family> family = {},
                                                           int link_index = 0) = 0;
  virtual Result<> set_neighbour(const state::Neighbour& neighbour) = 0;  ///< create or replace
  virtual Result<> delete_neighbour(const state::Neighbour& neighbour) = 0;
  virtual Result<std::vector<state::FdbEntry>> fdb(int link_index = 0) = 0;
  virtual Result<> set_fdb(const state::FdbEntry& entry) = 0;
  virtual Result<> delete_fdb(const state::FdbEntry& entry) = 0;

  // Traffic shaping.
  virtual Result<std::optional<state::Shaper>> shaper(int link_index) = 0;
  virtual Result<> set_shaper(const state::Shaper& shaper) = 0;  ///< root tbf: create or replace
  virtual Result<> delete_shaper(int link_index) = 0;            ///< success when there is none
  /// Sends all that ENTERS `from_index` (clsact ingress) out of `to_index` by a BPF redirect (an ifb to shape
  /// it).
  virtual Result<> redirect_ingress(int from_index, int to_index) = 0;
};

}  // namespace podwire::kernel
