#include "cli/iptables_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/iptables_view.h"

namespace podwire::cli {
namespace {

using plan::SeenFrontend;
using plan::SeenPool;
using plan::SeenPort;
using plan::Target;

constexpr std::string_view kServicePrefix = "KUBE-SVC-";

/// The tables tell no time where a hash of the client's address chooses: then the API's default.
std::uint32_t seconds_of(const SeenPool& pool) {
  constexpr std::uint32_t kDefault = 10800;
  return pool.affinity_seconds > 0 ? pool.affinity_seconds : kDefault;
}

/// As iptables prints it back: the kernel keeps 31 bits of it, made from ten digits of text.
std::string probability(std::size_t one_of) {
  constexpr double kWhole = 2147483648.0, kDigits = 1e10;
  const auto written = std::round(kDigits / static_cast<double>(one_of)) / kDigits;
  return fmt::format("{:.11f}", std::round(written * kWhole) / kWhole);
}

std::string comment(const std::string& text) { return "-m comment --comment \"" + text + "\""; }

std::string describe(const plan::Target& t) {
  return t.address.is_v6() ? fmt::format("[{}]:{}", t.address.str(), t.port)
                           : fmt::format("{}:{}", t.address.str(), t.port);
}

bool is_affine(const SeenPool& pool) { return pool.affinity_seconds > 0 || pool.chain.starts_with("hash-"); }

class PortRules {
 public:
  PortRules(const SeenPort& port, Family family, const std::optional<Cidr>& pods, IptablesRules& out)
      : port_(port),
        family_(family),
        pods_(pods),
        out_(out),
        protocol_(plan::protocol_name(port.frontends.empty() ? 6 : port.frontends.front().at.protocol)),
        hash_(service_chain(port.name, protocol_).substr(kServicePrefix.size())) {}

  void add() {
    choose_pools();
    if (cluster_ != nullptr) add_balancing("KUBE-SVC-" + hash_, *cluster_);
    if (local_ != nullptr) add_balancing("KUBE-SVL-" + hash_, *local_);
    bool has_external = false;
    for (const auto& frontend : port_.frontends) {
      if (frontend.at.family != family_ || frontend.at.inside) continue;
      if (!frontend.pool)
        add_unanswered(frontend);
      else
        add_frontend(frontend);
      has_external = has_external || (frontend.pool && !frontend.is_cluster_ip);
    }
    if (has_external) add_external_chain();
    add_endpoints();
  }

 private:
  /// Which pool is that of all endpoints (KUBE-SVC), and which that of this node's only (KUBE-SVL).
  void choose_pools() {
    const SeenPool* inner = nullptr;
    for (const auto& frontend : port_.frontends) {
      if (!frontend.pool || frontend.at.family != family_) continue;
      const auto found = port_.pools.find(*frontend.pool);
      if (found == port_.pools.end()) continue;
      const auto* pool = &found->second;
      if (frontend.is_cluster_ip)
        inner = pool;
      else if (pool->keeps_source())
        local_ = pool;
      else
        cluster_ = pool;
    }
    if (cluster_ == nullptr) cluster_ = inner;
    if (inner != nullptr && inner->slots != cluster_->slots) local_ = inner;  // internalTrafficPolicy: Local
    inner_ = inner;
  }

  [[nodiscard]] std::string destination(const SeenFrontend& frontend) const {
    return fmt::format("-d {} -p {}", Cidr::host(*frontend.at.address).str(), protocol_);
  }
  [[nodiscard]] std::string port_match(const plan::Frontend& at) const {
    return fmt::format("-m {} --dport {}", protocol_, at.port);
  }

  void add_frontend(const SeenFrontend& frontend) {
    const auto& at = frontend.at;
    if (!at.address) {
      out_.node_ports.push_back(fmt::format("-A KUBE-NODEPORTS -p {} {} {} -j KUBE-EXT-{}", protocol_,
                                            comment(port_.name), port_match(at), hash_));
      return;
    }
    if (!frontend.is_cluster_ip) {
      out_.services.push_back(fmt::format("-A KUBE-SERVICES {} {} {} -j {}", destination(frontend),
                                          comment(port_.name + " external IP"), port_match(at),
                                          "KUBE-EXT-" + hash_));
      return;
    }
    const auto chain = (inner_ != nullptr && inner_ == local_ ? "KUBE-SVL-" : "KUBE-SVC-") + hash_;
    const auto about = comment(port_.name + " cluster IP");
    out_.services.push_back(
        fmt::format("-A KUBE-SERVICES {} {} {} -j {}", destination(frontend), about, port_match(at), chain));
    const bool always = inner_ != nullptr && inner_->masquerades();
    if (!always && !pods_) return;
    auto& rules = out_.chains[chain];  // before those that choose
    rules.insert(rules.begin(), fmt::format("-A {} {}{} {} {} -j KUBE-MARK-MASQ", chain,
                                            always ? "" : fmt::format("! -s {} ", pods_->str()),
                                            destination(frontend), about, port_match(at)));
  }

  void add_unanswered(const SeenFrontend& frontend) {
    const bool refused = frontend.otherwise == plan::NoEndpoints::refuse;
    const auto where = frontend.at.address ? destination(frontend)
                                           : fmt::format("-p {} -m addrtype --dst-type LOCAL", protocol_);
    out_.filter.push_back(fmt::format(
        "-A {} {} {} {} -j {}", frontend.is_cluster_ip ? "KUBE-SERVICES" : "KUBE-EXTERNAL-SERVICES", where,
        comment(port_.name + (refused ? " has no endpoints" : " has no local endpoints")),
        port_match(frontend.at),
        !refused                ? "DROP"
        : family_ == Family::v4 ? "REJECT --reject-with icmp-port-unreachable"
                                : "REJECT --reject-with icmp6-port-unreachable"));
  }

  void add_external_chain() {
    const auto chain = "KUBE-EXT-" + hash_;
    auto& rules = out_.chains[chain];
    const auto about = port_.name + " external destinations";
    if (!goes_local()) {
      rules.push_back(
          fmt::format("-A {} {} -j KUBE-MARK-MASQ", chain, comment("masquerade traffic for " + about)));
      rules.push_back(fmt::format("-A {} -j KUBE-SVC-{}", chain, hash_));
      return;
    }
    if (pods_)
      rules.push_back(fmt::format("-A {} -s {} {} -j KUBE-SVC-{}", chain, pods_->str(),
                                  comment("pod traffic for " + about), hash_));
    rules.push_back(fmt::format("-A {} {} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ", chain,
                                comment("masquerade LOCAL traffic for " + about)));
    rules.push_back(fmt::format("-A {} {} -m addrtype --src-type LOCAL -j KUBE-SVC-{}", chain,
                                comment("route LOCAL traffic for " + about), hash_));
    rules.push_back(fmt::format("-A {} -j KUBE-SVL-{}", chain, hash_));
  }

  /// externalTrafficPolicy: Local.
  [[nodiscard]] bool goes_local() const { return local_ != nullptr && local_->keeps_source(); }

  void add_balancing(const std::string& chain, const SeenPool& pool) {
    auto& rules = out_.chains[chain];
    const auto rule = [&](const Target& target, const std::string& match) {
      rules.push_back(fmt::format("-A {} {} {}-j {}", chain, comment(port_.name + " -> " + describe(target)),
                                  match, name_of(target)));
    };
    if (is_affine(pool))
      for (const auto& [slot, target] : pool.slots)
        rule(target, fmt::format("-m recent --rcheck --seconds {} --reap --name {} --mask {} --rsource ",
                                 seconds_of(pool), name_of(target), whole_mask()));
    auto left = pool.slots.size();
    for (const auto& [slot, target] : pool.slots) {
      rule(target,
           left == 1 ? "" : fmt::format("-m statistic --mode random --probability {} ", probability(left)));
      --left;
    }
  }

  void add_endpoints() {
    for (const auto* pool : {cluster_, local_}) {
      if (pool == nullptr) continue;
      for (const auto& [slot, target] : pool->slots) {
        const auto chain = name_of(target);
        const auto [at, is_new] = out_.chains.try_emplace(chain);
        if (!is_new) continue;
        at->second.push_back(fmt::format("-A {} -s {} {} -j KUBE-MARK-MASQ", chain,
                                         Cidr::host(target.address).str(), comment(port_.name)));
        const auto remember = is_affine(*pool) ? fmt::format("-m recent --set --name {} --mask {} --rsource ",
                                                             chain, whole_mask())
                                               : "";
        at->second.push_back(fmt::format("-A {} -p {} {} {}-m {} -j DNAT --to-destination {}", chain,
                                         protocol_, comment(port_.name), remember, protocol_,
                                         describe(target)));
      }
    }
  }

  [[nodiscard]] std::string name_of(const Target& target) const {
    return endpoint_chain(port_.name, protocol_, describe(target));
  }
  [[nodiscard]] std::string whole_mask() const {
    return Cidr(IpAddr::any(family_), address_bits(family_)).netmask().str();
  }

  const SeenPort& port_;
  Family family_;
  const std::optional<Cidr>& pods_;
  IptablesRules& out_;
  std::string protocol_, hash_;
  const SeenPool *cluster_ = nullptr, *local_ = nullptr, *inner_ = nullptr;
};

}  // namespace

void add_port(const SeenPort& port, Family family, const std::optional<Cidr>& pods, IptablesRules& out) {
  PortRules(port, family, pods, out).add();
}

}  // namespace podwire::cli
