#include "cni/elements.h"

#include <algorithm>

namespace podwire::cni {
namespace {

std::string with_family(std::string_view set, Family f) {
  return std::string(set) + (f == Family::v4 ? "4" : "6");
}

using state::NftBytes;
using state::NftElement;

/// network . network: every pair of addresses inside one subnet.
NftElement inside(const Cidr& address, const std::string& comment) {
  return {.key = NftBytes().addr(address.first()).addr(address.first()),
          .key_end = NftBytes().addr(address.last()).addr(address.last()),
          .comment = comment};
}

std::vector<Cidr> first_of_each_family(const std::vector<Cidr>& addresses) {
  std::vector<Cidr> out;
  for (const Family f : {Family::v4, Family::v6}) {
    const auto it = std::ranges::find(addresses, f, [](const Cidr& c) { return c.family(); });
    if (it != addresses.end()) out.push_back(*it);
  }
  return out;
}

void add_port(const ElementRequest& r, const PortMapping& port, const Cidr& to, Elements& out) {
  NftElement e{.data = NftBytes().addr(to.addr()).port(port.container_port), .comment = r.names.comment};
  // 0.0.0.0 and :: mean every address of their family, as for a listening socket.
  const bool everywhere = !port.host_ip || port.host_ip->is_any();
  if (!everywhere) e.key.addr(*port.host_ip);
  e.key.protocol(port.protocol).port(port.host_port);
  out.own.push_back({with_family(everywhere ? "published" : "published_on", to.family()), std::move(e)});
}

void add_published(const ElementRequest& r, Elements& out) {
  const std::string shared_comment = network_comment(r.network);
  for (const Cidr& to : first_of_each_family(r.addresses)) {
    const Family f = to.family();
    bool published = false;
    for (const auto& port : r.ports) {
      if (port.host_ip && port.host_ip->family() != f) continue;
      add_port(r, port, to, out);
      published = true;
    }
    if (!published) continue;
    out.route_localnet |= f == Family::v4;
    if (!r.publish.snat) continue;
    out.own.push_back({with_family("hairpin", f),
                       {.key = NftBytes().addr(to.addr()).addr(to.addr()), .comment = r.names.comment}});
    if (r.publish.masq_all)
      out.own.push_back({with_family("masq_published", f),
                         {.key = NftBytes().addr(to.addr()), .comment = r.names.comment}});
    if (r.bridged && !to.is_host())
      out.shared.push_back({with_family("bridged", f), inside(to, shared_comment)});
  }
  if (out.route_localnet && !r.host_device.empty()) {
    auto& owner = r.device_is_shared ? out.shared : out.own;
    owner.push_back({"localnet_ifs",
                     {.key = NftBytes().ifname(r.host_device),
                      .comment = r.device_is_shared ? shared_comment : r.names.comment}});
  }
}

void add_isolation(const ElementRequest& r, Elements& out) {
  const std::string comment = network_comment(r.network);
  const auto add = [&](const char* set, NftBytes key) {
    out.shared.push_back({set, {.key = std::move(key), .comment = comment}});
  };
  // The table reads no_icc, too, only for a bridge that it knows by "same".
  if (r.guarded || r.internal || r.isolate_ports)
    add("same", NftBytes().ifname(r.host_device).ifname(r.host_device));
  if (r.guarded) add("guarded", NftBytes().ifname(r.host_device));
  if (r.internal) add("internal", NftBytes().ifname(r.host_device));
  if (r.isolate_ports) add("no_icc", NftBytes().ifname(r.host_device));
}

}  // namespace

Elements plan_elements(const ElementRequest& r) {
  Elements out;
  if (r.ip_masq && !r.internal) {
    for (const Cidr& a : r.addresses) {
      out.own.push_back(
          {with_family("masq", a.family()), {.key = NftBytes().addr(a.addr()), .comment = r.names.comment}});
      if (!a.is_host())
        out.shared.push_back({with_family("inside", a.family()), inside(a, network_comment(r.network))});
    }
  }
  add_published(r, out);
  add_isolation(r, out);
  return out;
}

state::NftSet nft_set(std::string_view name) {
  return {.family = state::NftFamily::inet, .table = "podwire-cni", .name = std::string(name)};
}

}  // namespace podwire::cni
