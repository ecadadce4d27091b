#include <CLI/CLI.hpp>
#include <memory>

#include "cli/output.h"
#include "cli/verbs.h"
#include "server/run.h"

namespace podwire::cli {
namespace {

int run(const server::Flags& flags) {
  const auto options = server::options_of(flags);
  if (!options) {
    print_error(options.error());
    return 2;
  }
  if (const auto ended = server::run_server(*options); !ended) {
    print_error(ended.error());
    return 1;
  }
  return 0;
}

}  // namespace

void add_server(CLI::App& app, Context& context) {
  auto flags = std::make_shared<server::Flags>();
  auto* verb = app.add_subcommand("server", "Run a Kubernetes API server");
  verb->add_option("--cluster-cidr", flags->cluster_cidr,
                   "Where pods get their addresses: a subnet of it for each node")
      ->capture_default_str();
  verb->add_option("--node-cidr-mask-size", flags->node_mask,
                   "The prefix length of a node's subnet (default 24, IPv6 64)");
  verb->add_option("--node-cidr-mask-size-ipv4", flags->node_mask_v4,
                   "The same for IPv4 where there are both families");
  verb->add_option("--node-cidr-mask-size-ipv6", flags->node_mask_v6,
                   "The same for IPv6 where there are both families");
  verb->add_option("--service-cluster-ip-range,--service-cidr", flags->service_cidr,
                   "Where Services get their addresses")
      ->capture_default_str();
  verb->add_option("--service-node-port-range", flags->node_port_range, "Where node ports are from")
      ->capture_default_str();
  verb->add_option("--listen", flags->listen, "ADDRESS:PORT; port 0 is any that is free")
      ->capture_default_str();
  verb->add_option("--data-dir", flags->data_dir, "Where certificates, the kubeconfig and the state are")
      ->capture_default_str();
  verb->add_flag("--in-memory", flags->in_memory,
                 "Forget all objects at the end; only the certificates stay");
  verb->add_option("--token-file", flags->token_file,
                   "Bearer tokens: a line token,user,uid,\"group1,group2\" each");
  verb->add_option("--token", flags->token,
                   "The secret that nodes join with, or a whole token (default: one of the server's own, in "
                   "DATA_DIR/node-token)")
      ->envname("PODWIRE_TOKEN");
  verb->add_option("--cluster-dns", flags->cluster_dns,
                   "The address of the cluster's DNS (default: the tenth of each service range)");
  verb->add_option("--event-ttl", flags->event_ttl, "How long Events are kept after they were written last")
      ->capture_default_str();
  verb->footer(
      "\nExample:\n"
      "  podwire server --data-dir /tmp/podwire --in-memory &\n"
      "  export KUBECONFIG=/tmp/podwire/admin.kubeconfig\n"
      "  kubectl get namespaces");
  verb->callback([flags, &context] { context.status = run(*flags); });
}

}  // namespace podwire::cli
