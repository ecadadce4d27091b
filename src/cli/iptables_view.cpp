#include "cli/iptables_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/iptables_port.h"
#include "pki/digest.h"

namespace podwire::cli {
namespace {

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

std::optional<Cidr> first_of(std::span<const Cidr> pods, Family family) {
  const auto found = std::ranges::find(pods, family, &Cidr::family);
  return found == pods.end() ? std::nullopt : std::optional(*found);
}

constexpr std::string_view kStart =
    "-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
    "-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
    "-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n"
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n";

constexpr std::string_view kPostrouting =
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
    "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n"
    "-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE "
    "--random-fully\n";

constexpr std::string_view kNodePorts =
    "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule "
    "in "
    "this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n";

void append(const std::vector<std::string>& rules, std::string& out) {
  for (const auto& rule : rules) out += rule + "\n";
}

}  // namespace

std::string service_chain(std::string_view name, std::string_view protocol) {
  return "KUBE-SVC-" + chain_hash(std::string(name) + std::string(protocol));
}

std::string endpoint_chain(std::string_view name, std::string_view protocol, std::string_view endpoint) {
  return "KUBE-SEP-" + chain_hash(std::string(name) + std::string(protocol) + std::string(endpoint));
}

std::string iptables_view(std::span<const plan::SeenPort> ports, std::span<const Cidr> pods, Family family) {
  IptablesRules rules;
  const auto cluster_cidr = first_of(pods, family);
  for (const auto& port : ports) add_port(port, family, cluster_cidr, rules);
  std::string out;
  for (const auto* chain : {"KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-SERVICES"})
    out += fmt::format("-N {}\n", chain);
  for (const auto& [chain, of_chain] : rules.chains) out += "-N " + chain + "\n";
  out += kStart;
  append(rules.node_ports, out);
  out += kPostrouting;
  append(rules.services, out);
  out += kNodePorts;
  for (const auto& [chain, of_chain] : rules.chains) append(of_chain, out);
  if (!rules.filter.empty()) {
    out += "# table filter\n";
    append(rules.filter, out);
  }
  return out;
}

}  // namespace podwire::cli
