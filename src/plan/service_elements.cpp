#include "plan/service_elements.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "plan/pool_numbers.h"

namespace podwire::plan {
namespace {

using state::NftBytes;
using state::NftElement;
using state::NftVerdict;

constexpr std::size_t kLongestComment = 127;

std::string named(std::string_view base, Family family) {
  return fmt::format("{}{}", base, family == Family::v4 ? 4 : 6);
}

NftElement leading_to(NftBytes key, std::string chain, std::string_view comment = {}) {
  return {.key = std::move(key),
          .verdict = NftVerdict{NftVerdict::Kind::goto_, std::move(chain)},
          .comment = std::string(comment)};
}

class Writer {
 public:
  explicit Writer(ServiceElements& out) : out_(out) {}

  void port(const PlannedPort& port, const std::vector<std::uint32_t>& numbers) {
    const auto comment = std::string_view(port.name).substr(0, kLongestComment);
    for (std::size_t i = 0; i < port.pools.size(); ++i) pool(port.pools[i], numbers.at(i), comment);
    for (const auto& frontend : port.frontends) {
      NftElement element{.key = frontend_key(frontend.at), .comment = std::string(comment)};
      if (frontend.pool)
        element.data.mark(numbers.at(*frontend.pool));
      else if (frontend.otherwise == NoEndpoints::refuse)
        element.verdict = NftVerdict{NftVerdict::Kind::goto_, "refuse"};
      else
        element.verdict = NftVerdict{NftVerdict::Kind::drop, {}};
      put(frontend_set(frontend.at, frontend.pool.has_value()), std::move(element));
    }
    for (const auto& address : port.hairpins)
      put(named("hairpin", address.family()), {.key = NftBytes().addr(address).addr(address)});
  }

  void guarded(const GuardedFrontend& g, std::string_view owner) {
    put(named("guarded", g.at.family), {.key = frontend_key(g.at), .comment = std::string(owner)});
    for (const auto& range : g.admitted)
      put(named("admitted", g.at.family), {.key = frontend_key(g.at).addr(range.first()),
                                           .key_end = frontend_key(g.at).addr(range.last()),
                                           .comment = std::string(owner)});
  }

  void put(std::string set, NftElement element) {
    out_.elements.push_back({std::move(set), std::move(element)});
  }

 private:
  void pool(const ServicePool& pool, std::uint32_t number, std::string_view comment) {
    for (std::size_t slot = 0; slot < pool.targets.size(); ++slot) {
      const auto& target = pool.targets[slot];
      put(named("endpoints", pool.family),
          {.key = NftBytes().mark(number).mark(static_cast<std::uint32_t>(slot)),
           .data = NftBytes().addr(target.address).port(target.port),
           .comment = std::string(comment)});
    }
    const auto count = pool.targets.size();
    if (pool.affinity_seconds == 0) {
      lead("classes", number & PoolNumbers::kClassMask, fmt::format("lb-{}", count));
    } else if (pool.family == Family::v4) {
      lead("affine_pools", number, fmt::format("lb-{}", count), comment);
      lead("remembered", number, fmt::format("remember-{}", pool.affinity_seconds), comment);
    } else {
      lead("affine_pools", number, fmt::format("hash-{}", count), comment);
    }
  }

  void lead(const char* map, std::uint32_t mark, const std::string& chain, std::string_view comment = {}) {
    out_.chains.insert(chain);
    put(map, leading_to(NftBytes().mark(mark), chain, comment));
  }

  ServiceElements& out_;
};

/// A network as source or destination, with whatever at the other end: plain intervals cannot be written.
NftElement with_any(const Cidr& range) {
  const auto all = Cidr::everything(range.family());
  return {.key = NftBytes().addr(range.first()).addr(all.first()),
          .key_end = NftBytes().addr(range.last()).addr(all.last())};
}

}  // namespace

std::string frontend_set(const Frontend& frontend, bool answered) {
  const auto where = frontend.address ? "vips" : "nodeports";
  if (!answered) return named(frontend.address ? "refused" : "refused_nodeports", frontend.family);
  return named(frontend.inside ? fmt::format("inside_{}", where) : std::string(where), frontend.family);
}

NftBytes frontend_key(const Frontend& frontend) {
  NftBytes key;
  if (frontend.address) key.addr(*frontend.address);
  return key.protocol(frontend.protocol).port(frontend.port);
}

ServiceElements elements_of(const PlannedService& service,
                            const std::vector<std::vector<std::uint32_t>>& numbers) {
  ServiceElements out;
  Writer write(out);
  for (std::size_t i = 0; i < service.ports.size(); ++i) write.port(service.ports[i], numbers.at(i));
  for (const auto& address : service.cluster_ips)
    write.put(named("cluster_ips", address.family()), {.key = NftBytes().addr(address)});
  for (const auto& [address, own] : service.echoes)
    write.put(named("echo", address.family()),
              {.key = NftBytes().addr(address).protocol(address.is_v4() ? std::uint8_t{IPPROTO_ICMP}
                                                                        : std::uint8_t{IPPROTO_ICMPV6}),
               .data = NftBytes().addr(own)});
  const auto owner =
      service.ports.empty() ? std::string_view() : std::string_view(service.ports.front().name);
  for (const auto& guarded : service.guarded) write.guarded(guarded, owner.substr(0, kLongestComment));
  return out;
}

std::vector<SetElement> elements_of(const ProxySite& site) {
  std::vector<SetElement> out;
  out.reserve(site.service_cidrs.size() + 2 * site.pod_cidrs.size() + site.node_port_addresses.size() + 2);
  for (const auto& range : site.service_cidrs)
    out.push_back({named("service_cidrs", range.family()), with_any(range)});
  for (const auto family : {Family::v4, Family::v6}) {
    const auto is_mine = [&](const Cidr& c) { return c.family() == family; };
    if (std::ranges::none_of(site.pod_cidrs, is_mine))
      out.push_back({named("routable", family), with_any(Cidr::everything(family))});
  }
  for (const auto& range : site.pod_cidrs)
    for (const auto* set : {"pods", "routable"}) out.push_back({named(set, range.family()), with_any(range)});
  for (const auto& address : site.node_port_addresses)
    out.push_back({named("nodeport_ips", address.family()), {.key = NftBytes().addr(address)}});
  return out;
}

std::string chain_text(const std::string& name) {
  const auto dash = name.rfind('-');
  if (dash == std::string::npos) return {};
  const auto kind = std::string_view(name).substr(0, dash);
  std::uint64_t number = 0;
  const auto* const end = name.data() + name.size();
  if (const auto parsed = std::from_chars(name.data() + dash + 1, end, number);
      parsed.ptr != end || number == 0)
    return {};
  std::string rule;
  if (kind == "lb")
    rule = fmt::format("ct mark set numgen random mod {} goto translate", number);
  else if (kind == "hash")
    rule = fmt::format("ct mark set jhash ip6 saddr mod {} seed 0x9d39247e goto translate", number);
  else if (kind == "remember")
    rule = fmt::format("update @affinity4 {{ ip saddr . meta mark timeout {}s : ct mark }}", number);
  else
    return {};
  return fmt::format(
      "add chain inet podwire {0}\nflush chain inet podwire {0}\nadd rule inet podwire {0} {1}\n", name,
      rule);
}

}  // namespace podwire::plan
