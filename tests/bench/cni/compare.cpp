#include "tests/bench/cni/compare.h"

#include <boost/json/parse.hpp>
#include <chrono>

#include "kernel/rtnl/open.h"
#include "tests/bench/common/host.h"

namespace podwire::bench {
namespace {

struct Measured {
  Chain chain;
  Times* times;
};

/// The host's end of the veth that an ADD made: the second interface of its result.
Result<std::string> host_end(const std::string& result) {
  boost::system::error_code ec;
  const auto parsed = boost::json::parse(result, ec);
  const auto* name = ec ? nullptr : parsed.find_pointer("/interfaces/1/name", ec);
  if (name == nullptr || !name->is_string()) return fail("read result", result);
  return std::string(name->get_string());
}

/// How long the kernel itself takes for such a veth.
Result<double> delete_by_kernel(kernel::Rtnl& rtnl, const std::string& name) {
  settle();
  const auto link = TRY(rtnl.link(name));
  const auto start = std::chrono::steady_clock::now();
  TRY(rtnl.delete_link(link.index));
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Result<Comparison> compare(const Site& site, int runs) {
  Comparison out;
  Chain for_kernel = our_network(site, 29, false);
  std::vector<Measured> peers{{peer_network(site, 21, false), &out.peer_plain},
                              {peer_network(site, 22, true), &out.peer_ports}};
  std::vector<Measured> ours{{our_network(site, 23, false), &out.our_plain},
                             {our_network(site, 24, true), &out.our_ports},
                             {our_list(site, 25), &out.our_list_ports}};
  const auto here = TRY(kernel::NetNs::current());
  const auto rtnl = TRY(kernel::open_rtnl(here));

  // The first of each makes the bridge and loads its rules: not what a container costs.
  for (auto* side : {&peers, &ours})
    for (auto& m : *side) TRY(m.chain.add(0));

  std::vector<std::string> kernel_links;
  for (int n = 1; n <= runs; ++n) {
    for (auto& m : peers) m.times->add.add(TRY(m.chain.add(n)).ms);
    for (auto& m : ours) {
      const auto ran = TRY(m.chain.add(n));
      m.times->add.add(ran.ms);
      out.peak_mib.add(ran.peak_mib);
    }
    kernel_links.push_back(TRY(host_end(TRY(for_kernel.add(n)).out)));
  }
  for (int n = 1; n <= runs; ++n) {
    for (auto& m : peers) m.times->del.add(TRY(m.chain.del(n)).ms);
    out.kernel_del.add(TRY(delete_by_kernel(*rtnl, kernel_links[static_cast<std::size_t>(n) - 1])));
    for (auto& m : ours) {
      const auto ran = TRY(m.chain.del(n));
      m.times->del.add(ran.ms);
      out.peak_mib.add(ran.peak_mib);
    }
    TRY(for_kernel.del(n));
  }
  for (auto* side : {&peers, &ours})
    for (auto& m : *side) {
      TRY(m.chain.del(0));
      TRY(m.chain.remove_containers());
    }
  TRY(for_kernel.remove_containers());
  return out;
}

Result<Growth> grow(const Site& site, int runs) {
  constexpr int kMany = 200;
  Growth out;
  // Two hosts, so that both can be measured in turn.
  const auto empty = TRY(kernel::NetNs::create());
  const auto full = TRY(kernel::NetNs::create());
  Chain one = our_network(site, 31, true), many = our_network(site, 32, true);
  const auto on = [&](const kernel::NetNs& host, Chain& chain, int n, Times* times) -> Result<> {
    const auto inside = TRY(host.enter());
    const auto added = TRY(chain.add(n));
    if (times == nullptr) return {};
    times->add.add(added.ms);
    times->del.add(TRY(chain.del(n)).ms);
    return {};
  };
  TRY(on(empty, one, 0, nullptr));
  for (int n = 0; n < kMany; ++n) TRY(on(full, many, n, nullptr));
  for (int n = 0; n < runs; ++n) {
    TRY(on(empty, one, 1, &out.with_1));
    TRY(on(full, many, kMany, &out.with_200));
  }
  TRY(one.remove_containers());  // and with them and the two hosts all that the rest have
  TRY(many.remove_containers());
  return out;
}

}  // namespace podwire::bench
