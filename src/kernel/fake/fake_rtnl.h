#pragma once
#include <memory>

#include "kernel/fake/machine.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::kernel::fake {

/// rtnetlink in memory. The rules are in devices.h, addresses.h and fib.h; here is one function a message.
class FakeRtnl final : public Rtnl {
 public:
  FakeRtnl(std::shared_ptr<Machine> machine, std::shared_ptr<Namespace> home)
      : machine_(std::move(machine)), home_(std::move(home)) {}

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
  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Namespace> home_;
};

}  // namespace podwire::kernel::fake
