#include <CLI/CLI.hpp>
#include <memory>

#include "agent/cluster_dns.h"
#include "agent/companions.h"
#include "agent/run.h"
#include "agent/service_proxy.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "kubelet/kubelet.h"

namespace podwire::cli {
namespace {

int run(const agent::Flags& flags, const agent::DnsFlags& dns_flags) {
  auto options = agent::options_of(flags);
  if (!options) {
    print_error(options.error());
    return 2;
  }
  auto dns = agent::cluster_dns(dns_flags, flags.run_pods);
  if (!dns) {
    print_error(dns.error());
    return 2;
  }
  agent::Companions companions;
  if (flags.proxy) companions.add(std::make_unique<agent::ServiceProxy>(agent::ServiceProxyOptions()));
  companions.add(std::move(*dns));
  if (options->run_pods) companions.add(std::make_unique<kubelet::Kubelet>());
  if (const auto ended = agent::run_agent(std::move(*options), &companions); !ended) {
    print_error(ended.error());
    return 1;
  }
  return 0;
}

}  // namespace

void add_agent(CLI::App& app, Context& context) {
  auto flags = std::make_shared<agent::Flags>();
  auto* verb = app.add_subcommand("agent", "Run this machine's part of a cluster's network");
  verb->add_option("--server", flags->server, "URL of the podwire server to join: https://HOST:6443");
  verb->add_option("--token", flags->token, "Its join token (default: PODWIRE_TOKEN)")
      ->envname("PODWIRE_TOKEN");
  verb->add_option("--token-file", flags->token_file, "A file with the join token");
  verb->add_option("--kubeconfig", flags->kubeconfig,
                   "How to reach any other API server (default, without --server: a pod's service account)");
  verb->add_option("--node-name", flags->node_name, "This node's name (default: the machine's)");
  verb->add_option(
      "--node-ip", flags->node_ip,
      "This node's address, or one of IPv4 and one of IPv6 (default: where the default route goes)");
  verb->add_option("--data-dir", flags->data_dir, "Where the node's certificate is")->capture_default_str();
  verb->add_flag("--run-pods", flags->run_pods, "Register the node and run its pods, as a kubelet would");
  verb->add_option(
          "--backend", flags->backend,
          "How packets get to other nodes: auto (plain routes on the same link, else VXLAN), host-gw, vxlan")
      ->capture_default_str();
  verb->add_option("--cluster-cidr", flags->cluster_cidr,
                   "Where pods get their addresses (default: what the server says)");
  verb->add_option("--ip-masq", flags->ip_masq, "Pods leave the cluster under the node's address")
      ->capture_default_str();
  verb->add_option("--non-masquerade-cidrs", flags->non_masquerade_cidrs,
                   "Where pods go under their own address, beside the cluster");
  verb->add_option("--pod-link", flags->pod_link, "routed or bridge")->capture_default_str();
  verb->add_option("--proxy", flags->proxy, "Make Services real on this node, in place of kube-proxy")
      ->capture_default_str();
  verb->add_option("--cni-conf-dir", flags->cni_conf_dir, "Where 10-podwire.conflist is written")
      ->capture_default_str();
  verb->add_option("--cni-bin-dir", flags->cni_bin_dir, "Where podwire-cni is")->capture_default_str();
  verb->add_option("--vxlan-vni", flags->vxlan_vni, "Of VXLAN: flannel's number by default")
      ->capture_default_str();
  verb->add_option("--vxlan-port", flags->vxlan_port, "Of VXLAN: the UDP port")->capture_default_str();
  verb->add_option("--cluster-dns", flags->cluster_dns,
                   "Addresses of the cluster's DNS (default: what the server says)");
  verb->add_option("--cluster-domain", flags->cluster_domain, "The cluster's domain")->capture_default_str();
  auto dns = std::make_shared<agent::DnsFlags>();
  verb->add_flag_callback(
      "--dns", [dns] { dns->serve = true; },
      "Answer the cluster's DNS at --cluster-dns on this node (default: with --run-pods)");
  verb->add_flag_callback("--no-dns", [dns] { dns->serve = false; }, "Leave the cluster's DNS to others");
  verb->add_option("--upstream-dns", dns->upstream,
                   "Who is asked about names outside the cluster, ADDRESS[,ADDRESS] (default: as "
                   "/etc/resolv.conf says)");
  verb->footer(
      "\nExample, on a machine beside the server at 10.89.0.10:\n"
      "  podwire agent --run-pods --server https://10.89.0.10:6443 --token \"$TOKEN\"");
  verb->callback([flags, dns, &context] { context.status = run(*flags, *dns); });
}

}  // namespace podwire::cli
