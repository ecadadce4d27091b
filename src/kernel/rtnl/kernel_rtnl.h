#pragma once
#include <string>
#include <utility>

#include "kernel/netlink/socket.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::kernel {

/// Rtnl over the kernel's NETLINK_ROUTE. One file for each kind of object: links.cpp, link_create.cpp,
/// addresses.cpp, routes.cpp, neighbours.cpp, fdb.cpp, shaper.cpp, redirect.cpp; what messages look like is
/// in *_codec.cpp.
class KernelRtnl final : public Rtnl {
 public:
  explicit KernelRtnl(netlink::Socket socket) : socket_(std::move(socket)) {}

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
  /// Sends a message that makes a link and returns its index.
  Result<int> create_link(netlink::Writer& message, std::string_view name);

  netlink::Socket socket_;
};

/// NLM_F_* of a message that makes something.
[[nodiscard]] constexpr std::uint16_t create_flags(Existing existing) {
  return NLM_F_CREATE | (existing == Existing::replace ? NLM_F_REPLACE : NLM_F_EXCL);
}

/// "link 7", as errors name it.
[[nodiscard]] inline std::string link_number(int index) { return "link " + std::to_string(index); }

}  // namespace podwire::kernel
