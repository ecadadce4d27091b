#include "cni/loopback.h"

#include "cni/namespaces.h"

namespace podwire::cni {
namespace {

/// Enough of a namespace to work on its lo.
struct Inside {
  std::unique_ptr<kernel::Rtnl> rtnl;
  state::Link lo;
};

CniResult<Inside> look_inside(const Call& call) {
  const auto here = TRY(as_cni(call.host.current_netns()));
  const auto container = TRY(open_container(call, here));
  Inside inside{TRY(as_cni(call.host.rtnl(container))), {}};
  inside.lo = TRY(as_cni(inside.rtnl->link("lo")));
  return inside;
}

}  // namespace

CniResult<AddResult> add_loopback(const Call& call) {
  const auto inside = TRY(look_inside(call));
  if (!inside.lo.up) TRY(as_cni(inside.rtnl->change_link(inside.lo.index, {.up = true})));
  if (call.conf.prev_result) return *call.conf.prev_result;
  AddResult result;
  result.interfaces.push_back({.name = "lo", .mac = inside.lo.mac.str(), .sandbox = call.invocation.netns});
  for (const auto& a : TRY(as_cni(inside.rtnl->addresses({}, inside.lo.index))))
    result.ips.push_back({.address = a.cidr, .gateway = {}, .interface = 0});
  return result;
}

CniResult<> del_loopback(const Call& call) {
  if (call.invocation.netns.empty()) return {};
  const auto inside = look_inside(call);
  if (!inside) return {};  // the namespace is gone, and its lo with it
  return as_cni(inside->rtnl->change_link(inside->lo.index, {.up = false}));
}

CniResult<> check_loopback(const Call& call) {
  const auto inside = TRY(look_inside(call));
  if (!inside.lo.up) return refuse(Code::check_failed, "lo in " + call.invocation.netns + " is down");
  return {};
}

}  // namespace podwire::cni
