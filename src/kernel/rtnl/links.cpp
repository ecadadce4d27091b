#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "kernel/rtnl/kernel_rtnl.h"
#include "kernel/rtnl/link_codec.h"

namespace podwire::kernel {
namespace {

using netlink::Message;
using netlink::named;
using netlink::Writer;

/// Counters are most of a link's answer and nobody here reads them.
void without_statistics(Writer& w) { w.put(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS}); }

Result<state::Link> one_link(const Message& m) {
  if (auto link = decode_link(m)) return std::move(*link);
  return fail("read link", {}, EBADMSG);
}

void put_flags(ifinfomsg& header, const LinkChange& change) {
  const auto set = [&header](unsigned flag, std::optional<bool> value) {
    if (!value) return;
    header.ifi_change |= flag;
    if (*value) header.ifi_flags |= flag;
  };
  set(IFF_UP, change.up);
  set(IFF_PROMISC, change.promisc);
}

}  // namespace

Result<std::vector<state::Link>> KernelRtnl::links() {
  Writer w;
  w.message(RTM_GETLINK, 0, ifinfomsg{});
  without_statistics(w);
  return named(socket_.dump(w, decode_link), "list", [] { return "links"; });
}

Result<state::Link> KernelRtnl::link(std::string_view name) {
  if (name.empty() || name.size() >= IFNAMSIZ)
    return fail("find link", name, ENODEV, "a link's name has 1 to 15 bytes");
  Writer w;
  w.message(RTM_GETLINK, 0, ifinfomsg{});
  w.put_string(IFLA_IFNAME, name);
  without_statistics(w);
  return named(socket_.ask(w, one_link), "find link", [&] { return std::string(name); });
}

Result<state::Link> KernelRtnl::link(int index) {
  if (index <= 0) return fail("find", link_number(index), ENODEV);
  Writer w;
  w.message(RTM_GETLINK, 0, ifinfomsg{.ifi_index = index});
  without_statistics(w);
  return named(socket_.ask(w, one_link), "find", [&] { return link_number(index); });
}

Result<> KernelRtnl::change_link(int index, const LinkChange& change) {
  if (change.name) TRY(refuse_template(*change.name));
  const bool port = change.hairpin || change.isolated || change.learning;
  if (port && change.master_index) {  // the kernel looks for the port before it makes it one
    LinkChange first = change;
    first.hairpin = first.isolated = first.learning = std::nullopt;
    TRY(change_link(index, first));
    return change_link(index,
                       {.hairpin = change.hairpin, .isolated = change.isolated, .learning = change.learning});
  }
  ifinfomsg header{.ifi_index = index};
  put_flags(header, change);
  Writer w;
  w.message(RTM_NEWLINK, 0, header);
  if (change.name) w.put_string(IFLA_IFNAME, *change.name);
  if (change.mac) w.put_bytes(IFLA_ADDRESS, change.mac->bytes());
  if (change.mtu) w.put(IFLA_MTU, *change.mtu);
  if (change.master_index) w.put(IFLA_MASTER, *change.master_index);
  if (change.alias) w.put_string(IFLA_IFALIAS, *change.alias);
  if (port) put_bridge_port(w, change);
  return named(socket_.request(w), "change", [&] { return link_number(index); });
}

Result<> KernelRtnl::move_link(int index, const NetNs& to) {
  Writer w;
  w.message(RTM_NEWLINK, 0, ifinfomsg{.ifi_index = index});
  w.put(IFLA_NET_NS_FD, to.fd().raw());
  return named(socket_.request(w), "move",
               [&] { return fmt::format("{} to {}", link_number(index), to.name()); });
}

Result<> KernelRtnl::delete_link(int index) {
  if (index <= 0) return fail("delete", link_number(index), ENODEV);
  Writer w;
  w.message(RTM_DELLINK, 0, ifinfomsg{.ifi_index = index});
  return named(socket_.request(w), "delete", [&] { return link_number(index); });
}

}  // namespace podwire::kernel
