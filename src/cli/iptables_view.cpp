#include "cli/iptables_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pki/digest.h"

namespace podwire::cli {
namespace {

using plan::SeenFrontend;
using plan::SeenPool;
using plan::SeenPort;

/// The first 16 characters of RFC 4648 base32 of the SHA-256: how kube-proxy names its chains.
std::string chain_hash(const std::string& text) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const auto digest = pki::sha256(text);
  std::string out;
  unsigned bits = 0, count = 0;
  for (const auto c : digest) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 5 && out.size() < 16) {
      count -= 5;
      out += kAlphabet[bits >> count & 31];
    }
  }
  return out;
}

std::string address_of(const plan::Target& target) {
  return target.address.is_v6() ? fmt::format("[{}]:{}", target.address.str(), target.port)
                                : fmt::format("{}:{}", target.address.str(), target.port);
}

std::string joined(std::span<const Cidr> pods, Family family) {
  for (const auto& pod : pods)
    if (pod.family() == family) return pod.str();
  return {};
}

/// Writes rules; chains first, as `-S` does.
class View {
 public:
  View(std::span<const Cidr> pods, Family family) : pods_(joined(pods, family)), family_(family) {
    for (const auto* chain : {"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-MARK-MASQ", "KUBE-POSTROUTING"})
      chains_.emplace_back(chain);
  }

  void add(const SeenPort& port) {
    for (const auto& frontend : port.frontends) {
      if (frontend.at.family != family_ || frontend.at.inside || !frontend.pool) continue;
      const auto pool = port.pools.find(*frontend.pool);
      if (pool == port.pools.end()) continue;
      const auto protocol = std::string(plan::protocol_name(frontend.at.protocol));
      const auto chain = service_chain(port.name, protocol);
      add_pool(port.name, protocol, chain, frontend, pool->second);
      add_frontend(port.name, protocol, chain, frontend, pool->second);
    }
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& chain : chains_) out += fmt::format("-N {}\n", chain);
    out +=
        "-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
        "-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
        "-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n"
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n"
        "-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j "
        "MASQUERADE "
        "--random-fully\n";
    for (const auto& rule : rules_) out += rule + "\n";
    for (const auto& rule : node_ports_) out += rule + "\n";
    return out +
           "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the "
           "last rule "
           "in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n";
  }

 private:
  bool is_new(const std::string& chain) {
    if (std::ranges::find(chains_, chain) != chains_.end()) return false;
    chains_.push_back(chain);
    return true;
  }

  void add_pool(const std::string& name, const std::string& protocol, const std::string& chain,
                const SeenFrontend& frontend, const SeenPool& pool) {
    if (!is_new(chain)) return;
    if (!pods_.empty() && frontend.at.address)
      rules_.push_back(fmt::format(
          "-A {} ! -s {} -d {}/{} -p {} -m comment --comment \"{} cluster IP\" -m {} --dport {} -j "
          "KUBE-MARK-MASQ",
          chain, pods_, frontend.at.address->str(), address_bits(family_), protocol, name, protocol,
          frontend.at.port));
    auto left = pool.slots.size();
    for (const auto& [slot, target] : pool.slots) {
      const auto endpoint = address_of(target);
      const auto to = endpoint_chain(name, protocol, endpoint);
      const auto chance = left > 1 ? fmt::format(" -m statistic --mode random --probability {:.11f}",
                                                 1.0 / static_cast<double>(left))
                                   : std::string();
      rules_.push_back(
          fmt::format("-A {} -m comment --comment \"{} -> {}\"{} -j {}", chain, name, endpoint, chance, to));
      --left;
      if (is_new(to)) add_endpoint(name, protocol, to, target, endpoint);
    }
  }

  void add_endpoint(const std::string& name, const std::string& protocol, const std::string& chain,
                    const plan::Target& target, const std::string& endpoint) {
    rules_.push_back(fmt::format("-A {} -s {}/{} -m comment --comment \"{}\" -j KUBE-MARK-MASQ", chain,
                                 target.address.str(), address_bits(family_), name));
    rules_.push_back(fmt::format("-A {} -p {} -m comment --comment \"{}\" -m {} -j DNAT --to-destination {}",
                                 chain, protocol, name, protocol, endpoint));
  }

  void add_frontend(const std::string& name, const std::string& protocol, const std::string& chain,
                    const SeenFrontend& frontend, const SeenPool& pool) {
    if (!frontend.at.address) {
      node_ports_.push_back(
          fmt::format("-A KUBE-NODEPORTS -p {} -m comment --comment \"{}\" -m {} --dport {} -j {}", protocol,
                      name, protocol, frontend.at.port, chain));
      return;
    }
    rules_.push_back(
        fmt::format("-A KUBE-SERVICES -d {}/{} -p {} -m comment --comment \"{} {}\" -m {} --dport {} -j {}",
                    frontend.at.address->str(), address_bits(family_), protocol, name,
                    pool.masquerades() || pool.keeps_source() ? "external IP" : "cluster IP", protocol,
                    frontend.at.port, chain));
  }

  std::string pods_;
  Family family_;
  std::vector<std::string> chains_, rules_, node_ports_;
};

}  // namespace

std::string service_chain(std::string_view name, std::string_view protocol) {
  return "KUBE-SVC-" + chain_hash(std::string(name) + std::string(protocol));
}

std::string endpoint_chain(std::string_view name, std::string_view protocol, std::string_view endpoint) {
  return "KUBE-SEP-" + chain_hash(std::string(name) + std::string(protocol) + std::string(endpoint));
}

std::string iptables_view(std::span<const SeenPort> ports, std::span<const Cidr> pods, Family family) {
  View view(pods, family);
  for (const auto& port : ports) view.add(port);
  return view.text();
}

}  // namespace podwire::cli
