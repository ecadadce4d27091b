#include "cni/ipam.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "cni/delegate.h"
#include "cni/ipam_store.h"
#include "cni/resolv_conf.h"

namespace podwire::cni {
namespace {

IpamStore store_of(const Call& call) { return {call.conf.ipam->data_dir, call.conf.name}; }

CniResult<Leases> acquire_ours(const Call& call) {
  const IpamConf& ipam = *call.conf.ipam;
  Leases leases{.ips = {}, .routes = ipam.routes, .dns = {}};
  if (!ipam.resolv_conf.empty())
    leases.dns = TRY(as_cni(read_resolv_conf(ipam.resolv_conf), Code::io_failure));
  for (const auto& choice : TRY(store_of(call).reserve(call.owner(), ipam.range_sets, ipam.requested)))
    leases.ips.push_back({.address = Cidr(choice.addr, choice.range.subnet.length()),
                          .gateway = choice.range.gateway,
                          .interface = {}});
  return leases;
}

CniResult<Leases> acquire_delegated(const Call& call) {
  const auto undo = [&](CniError e) -> CniResult<Leases> {
    // The spec: a delegate whose ADD failed, or whose result is of no use, is told DEL before we return.
    if (auto d = run_delegate(call, call.conf.ipam->type, Command::del); !d)
      e.details += " (DEL: " + d.error().msg + ")";
    return std::unexpected(std::move(e));
  };
  const auto out = run_delegate(call, call.conf.ipam->type, Command::add);
  if (!out) return undo(out.error());
  boost::system::error_code ec;
  const auto parsed = boost::json::parse(*out, ec);
  if (ec || !parsed.is_object())
    return undo(
        {Code::delegate_failed, "ipam plugin \"" + call.conf.ipam->type + "\" printed no JSON object", *out});
  const auto result = decode_result(parsed.get_object(), call.conf.cni_version);
  if (!result) return undo(result.error());
  if (result->ips.empty())
    return undo({Code::delegate_failed, "ipam plugin \"" + call.conf.ipam->type + "\" gave no address", ""});
  return Leases{.ips = result->ips, .routes = result->routes, .dns = result->dns};
}

}  // namespace

CniResult<Leases> acquire_addresses(const Call& call) {
  if (!call.conf.ipam) return Leases{};
  return call.conf.ipam->ours ? acquire_ours(call) : acquire_delegated(call);
}

CniResult<> release_addresses(const Call& call, const std::vector<Cidr>& known) {
  if (!call.conf.ipam) return {};
  if (!call.conf.ipam->ours) {
    TRY(run_delegate(call, call.conf.ipam->type, Command::del));
    return {};
  }
  std::vector<IpAddr> addrs;
  addrs.reserve(known.size());
  for (const auto& c : known) addrs.push_back(c.addr());
  TRY(as_cni(store_of(call).release(call.owner(), addrs), Code::io_failure));
  return {};
}

CniResult<> check_addresses(const Call& call, const std::vector<IpConfig>& ips) {
  if (!call.conf.ipam) return {};
  if (!call.conf.ipam->ours) {
    TRY(run_delegate(call, call.conf.ipam->type, Command::check));
    return {};
  }
  const auto held = TRY(as_cni(store_of(call).addresses_of(call.owner()), Code::io_failure));
  for (const auto& ip : ips)
    if (std::ranges::find(held, ip.address.addr()) == held.end())
      return refuse(Code::check_failed, "address " + ip.address.addr().str() +
                                            " is not reserved for container " + call.invocation.container_id);
  return {};
}

CniResult<> collect_address_garbage(const Call& call, const std::vector<Owner>& valid) {
  if (!call.conf.ipam) return {};
  if (!call.conf.ipam->ours) {
    TRY(run_delegate(call, call.conf.ipam->type, Command::gc));
    return {};
  }
  TRY(as_cni(store_of(call).collect_garbage(valid), Code::io_failure));
  return {};
}

CniResult<> address_status(const Call& call) {
  if (!call.conf.ipam) return {};
  if (!call.conf.ipam->ours) {
    TRY(run_delegate(call, call.conf.ipam->type, Command::status));
    return {};
  }
  const auto& sets = call.conf.ipam->range_sets;
  if (TRY(as_cni(store_of(call).free_in_fullest(sets), Code::io_failure)) != 0) return {};
  std::string pools;
  for (const auto& set : sets) pools += (pools.empty() ? "" : ", ") + plan::describe(set);
  return refuse(Code::not_available,
                "network \"" + call.conf.name + "\" has no free address left in " + pools);
}

}  // namespace podwire::cni
