#pragma once
#include "kernel/netlink/socket.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::kernel {

/// Rtnl over a netlink socket. One file an object kind: links.cpp, addresses.cpp, routes.cpp, neighbours.cpp,
/// shaper.cpp.
class NetlinkRtnl final : public Rtnl {
 public:
  explicit NetlinkRtnl(netlink::Socket socket) : socket_(std::move(socket)) {}

  Result<std::vector<state::Link>> links() override;
  Result<state::Link> link(std::string_view name) override;
  Result<state::Link> link(int index) override;
  Result<int> create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) override;
  Result<int> create_bridge(const BridgeSpec& spec) override;
  Result<int> create_vxlan(const VxlanSpec& spec) override;
  Result<int> create_plain(std::string_view kind, std::string_view name) override;
  Result<> change_link(int index, const LinkChange& change) override;
  Result<> move_link(int index, const NetNs& to) override;
  Result<> delete_link(int index) override;

  Result<std::vector<state::Address>> addresses(std::optional<Family> family, int link_index) override;
  Result<> add_address(const state::Address& address, Existing existing) override;
  Result<> delete_address(const state::Address& address) override;

  Result<std::vector<state::Route>> routes(std::optional<Family> family, std::uint32_t table) override;
  Result<> add_route(const state::Route& route, Existing existing) override;
  Result<> delete_route(const state::Route& route) override;
  Result<state::RouteAnswer> route_to(const IpAddr& dst, bool fib_match) override;

  Result<std::vector<state::Neighbour>> neighbours(std::optional<Family> family, int link_index) override;
  Result<> set_neighbour(const state::Neighbour& neighbour) override;
  Result<> delete_neighbour(const state::Neighbour& neighbour) override;
  Result<std::vector<state::FdbEntry>> fdb(int link_index) override;
  Result<> set_fdb(const state::FdbEntry& entry) override;
  Result<> delete_fdb(const state::FdbEntry& entry) override;

  Result<std::optional<state::Shaper>> shaper(int link_index) override;
  Result<> set_shaper(const state::Shaper& shaper) override;
  Result<> delete_shaper(int link_index) override;
  Result<> redirect_ingress(int from_index, int to_index) override;

 private:
  Result<state::Link> query_link(netlink::Writer& request, std::string_view object);
  /// Sends an RTM_NEWLINK that makes a link and finds out its index.
  Result<int> create(netlink::Writer& request, std::string_view kind, std::string_view name);

  Result<> change_device(int index, const LinkChange& change);
  Result<> change_port(int index, const LinkChange& change);

  netlink::Socket socket_;
};

}  // namespace podwire::kernel
