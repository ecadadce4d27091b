#include "kubelet/etc_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace podwire::kubelet {
namespace {

struct Resolver {
  std::vector<std::string> servers, searches, options;
};

Resolver parse(std::string_view text) {
  Resolver out;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    std::vector<std::string> values;
    while (words >> word) values.push_back(word);
    if (key == "nameserver") out.servers.insert(out.servers.end(), values.begin(), values.end());
    if (key == "search" || key == "domain") out.searches = values;
    if (key == "options") out.options.insert(out.options.end(), values.begin(), values.end());
  }
  return out;
}

/// A later option of a name counts.
std::string option_name(const std::string& option) { return option.substr(0, option.find(':')); }

void append(std::vector<std::string>& into, const std::vector<std::string>& more) {
  for (const auto& one : more)
    if (std::ranges::find(into, one) == into.end()) into.push_back(one);
}

}  // namespace

std::string host_name_of(const Pod& pod, const std::string& node_name) {
  if (pod.spec.host_network) return node_name;
  constexpr std::size_t kLongest = 63;
  auto name = (pod.spec.hostname.empty() ? pod.meta.name : pod.spec.hostname).substr(0, kLongest);
  while (name.ends_with('-') || name.ends_with('.')) name.pop_back();
  return name;
}

std::string resolv_conf_of(const Pod& pod, const ClusterDns& dns, std::string_view node) {
  const auto& policy = pod.spec.dns_policy;
  const bool cluster =
      (policy == "ClusterFirst" && !pod.spec.host_network) || policy == "ClusterFirstWithHostNet";
  Resolver out;
  if (policy != "None") out = parse(node);
  if (cluster && !dns.servers.empty()) {
    out.servers = dns.servers;
    std::vector<std::string> searches{fmt::format("{}.svc.{}", pod.meta.namespace_, dns.domain),
                                      "svc." + dns.domain, dns.domain};
    append(searches, out.searches);
    out.searches = std::move(searches);
    out.options = {"ndots:5"};
  }
  if (policy == "None") out.servers.clear();
  append(out.servers, pod.spec.dns_servers);
  append(out.searches, pod.spec.dns_searches);
  for (const auto& option : pod.spec.dns_options) {
    std::erase_if(out.options, [&](const auto& o) { return option_name(o) == option_name(option); });
    out.options.push_back(option);
  }
  std::string text;
  if (!out.searches.empty()) text += fmt::format("search {}\n", fmt::join(out.searches, " "));
  for (const auto& server : out.servers) text += fmt::format("nameserver {}\n", server);
  if (!out.options.empty()) text += fmt::format("options {}\n", fmt::join(out.options, " "));
  return text;
}

std::string hosts_of(const Pod& pod, const std::vector<std::string>& addresses, const ClusterDns& dns,
                     std::string_view node) {
  std::string out;
  if (pod.spec.host_network) {
    out = fmt::format("# Kubernetes-managed hosts file (host network).\n{}", node);
  } else {
    out =
        "# Kubernetes-managed hosts file.\n"
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\n"
        "fe00::1\tip6-allnodes\n"
        "fe00::2\tip6-allrouters\n";
    const auto name = host_name_of(pod, {});
    for (const auto& address : addresses) {
      out += address + "\t";
      if (!pod.spec.subdomain.empty())
        out += fmt::format("{}.{}.{}.svc.{}\t", name, pod.spec.subdomain, pod.meta.namespace_, dns.domain);
      out += name + "\n";
    }
  }
  if (!pod.spec.host_aliases.empty()) out += "\n# Entries added by HostAliases.\n";
  for (const auto& alias : pod.spec.host_aliases)
    out += fmt::format("{}\t{}\n", alias.ip, fmt::join(alias.names, "\t"));
  return out;
}

}  // namespace podwire::kubelet
