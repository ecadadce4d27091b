#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "kernel/conntrack/codec.h"
#include "kernel/conntrack/open.h"
#include "kernel/netlink/socket.h"

namespace podwire::kernel {
namespace {

using netlink::named;
using state::Flow;
using state::FlowFilter;

class NetlinkConntrack final : public Conntrack {
 public:
  explicit NetlinkConntrack(netlink::Socket socket) : socket_(std::move(socket)) {}

  Result<std::vector<Flow>> flows(const FlowFilter& filter) override {
    if (filter.family || !filter.protocol) return dump(filter);
    // The kernel filters by protocol within one family only. Of 120,000 flows, two such walks take a third of
    // the time of one that copies them all.
    FlowFilter one_family = filter;
    one_family.family = Family::v4;
    auto all = TRY(dump(one_family));
    one_family.family = Family::v6;
    std::ranges::move(TRY(dump(one_family)), std::back_inserter(all));
    return all;
  }

  Result<std::size_t> remove(const FlowFilter& filter) override {
    std::size_t removed = 0;
    for (const Flow& flow : TRY(flows(filter))) {
      netlink::Writer w;
      put_flow_deletion(w, flow);
      const auto done = socket_.request(w);
      if (!done && done.error().sys_errno == ENOENT) continue;  // it ended meanwhile
      TRY(named(done, "delete connection", [&] { return describe(flow); }));
      ++removed;
    }
    return removed;
  }

 private:
  Result<std::vector<Flow>> dump(const FlowFilter& filter) {
    netlink::Writer w;
    put_flow_query(w, filter);
    return named(socket_.dump(w,
                              [&](const netlink::Message& m) {
                                auto flow = read_flow(m);
                                if (flow && !filter.matches(*flow)) flow.reset();
                                return flow;
                              }),
                 "list connections", [] { return std::string(); });
  }

  netlink::Socket socket_;
};

}  // namespace

Result<std::unique_ptr<Conntrack>> open_conntrack(const NetNs& netns) {
  return std::make_unique<NetlinkConntrack>(TRY(netlink::Socket::open(NETLINK_NETFILTER, netns)));
}

}  // namespace podwire::kernel
