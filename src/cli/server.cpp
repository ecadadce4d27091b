#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/verbs.h"
#include "client/api.h"
#include "control/loops/controllers.h"
#include "kube/schema.h"
#include "server/run.h"

namespace podwire::cli {
namespace {

/// The controllers, in the process of the server that they look after.
class ControllersBeside final : public server::Companion {
 public:
  explicit ControllersBeside(control::ControllerOptions options) : options_(std::move(options)) {}

  Result<> start(boost::asio::io_context& io, http::Client& api) override {
    controllers_ = std::make_unique<control::Controllers>(
        io, client::Api(api, kube::Schema::builtin(), "podwire-controllers"), options_);
    return controllers_->start();
  }
  http::Task<void> stop() override {
    if (controllers_ != nullptr) co_await controllers_->stop();
  }

 private:
  control::ControllerOptions options_;
  std::unique_ptr<control::Controllers> controllers_;
};

Result<control::ControllerOptions> controller_options(const server::Options& server, bool allocate_node_cidrs,
                                                      const std::vector<std::string>& lb_pool) {
  control::ControllerOptions out{.cluster_cidrs = server.cluster_cidrs,
                                 .service_cidrs = server.service_cidrs};
  if (!allocate_node_cidrs) out.disabled.emplace_back("cidrAllocator");
  if (server.cluster_cidrs.size() == 1)
    out.node_masks.any = server.node_mask(server.cluster_cidrs.front().family());
  else
    out.node_masks = {.v4 = server.node_mask_v4, .v6 = server.node_mask_v6};
  for (const auto& text : lb_pool) {
    auto run = plan::address_run(text);
    if (!run) return std::unexpected(std::move(run).error().in("--lb-pool"));
    out.lb_pool.push_back(*run);
  }
  TRY(plan::LbPool::over(out.lb_pool));
  return out;
}

int run(const server::Flags& flags, const std::vector<std::string>& lb_pool) {
  const auto options = server::options_of(flags);
  if (!options) {
    print_error(options.error());
    return 2;
  }
  auto beside = controller_options(*options, flags.allocate_node_cidrs, lb_pool);
  if (!beside) {
    print_error(beside.error());
    return 2;
  }
  ControllersBeside controllers(std::move(*beside));
  if (const auto ended = server::run_server(*options, &controllers); !ended) {
    print_error(ended.error());
    return 1;
  }
  return 0;
}

}  // namespace

void add_server(CLI::App& app, Context& context) {
  auto flags = std::make_shared<server::Flags>();
  auto lb_pool = std::make_shared<std::vector<std::string>>();
  auto* verb = app.add_subcommand("server", "Run a Kubernetes API server with its controllers");
  verb->add_option("--cluster-cidr", flags->cluster_cidr,
                   "Where pods get their addresses: a subnet of it for each node")
      ->capture_default_str();
  verb->add_option("--allocate-node-cidrs", flags->allocate_node_cidrs,
                   "Give each node a subnet (true), or leave the nodes' podCIDRs to somebody else (false)")
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
  verb->add_option("--lb-pool", *lb_pool,
                   "Addresses for Services of type LoadBalancer: networks, FIRST-LAST or single ones")
      ->delimiter(',');
  verb->footer(
      "\nExample:\n"
      "  podwire server --data-dir /tmp/podwire --in-memory &\n"
      "  export KUBECONFIG=/tmp/podwire/admin.kubeconfig\n"
      "  kubectl get namespaces");
  verb->callback([flags, lb_pool, &context] { context.status = run(*flags, *lb_pool); });
}

}  // namespace podwire::cli
