#include "lab/cluster/node_watch.h"

#include "client/kubeconfig.h"

namespace podwire::lab {

NodeWatch::NodeWatch(boost::asio::io_context& io, std::unique_ptr<http::TlsClient> http)
    : http_(std::move(http)),
      api_(*http_, kube::Schema::builtin(), "podwire-lab"),
      nodes_(api_, {.resource = "nodes", .namespace_ = {}, .label_selector = {}, .field_selector = {}}),
      tasks_(io) {}

Result<std::unique_ptr<NodeWatch>> NodeWatch::start(boost::asio::io_context& io,
                                                    const std::string& kubeconfig,
                                                    std::function<void()> changed) {
  const auto connection = TRY(client::read_kubeconfig(kubeconfig));
  auto http = TRY(http::TlsClient::make(io, client::tls_options(connection)));
  std::unique_ptr<NodeWatch> out(new NodeWatch(io, std::move(http)));
  out->nodes_.on_change([changed = std::move(changed)](const auto&, const auto&) { changed(); });
  out->tasks_.spawn(out->nodes_.run());
  return out;
}

NodeWatch::State NodeWatch::state(std::string_view node) const {
  const auto found = nodes_.find("", node);
  if (found == nullptr) return State::unknown;
  return kube::is_true(found->conditions, "Ready") ? State::ready : State::registered;
}

std::string NodeWatch::pod_cidrs(std::string_view node) const {
  std::string out;
  if (const auto found = nodes_.find("", node))
    for (const auto& cidr : found->pod_cidrs) out += (out.empty() ? "" : ",") + cidr.str();
  return out;
}

http::Task<Result<>> NodeWatch::remove(std::string node) {
  // With its password: another machine may come under this name.
  client::ObjectPath object{.resource = "nodes", .namespace_ = {}, .name = node, .subresource = {}};
  client::ObjectPath password{.resource = "secrets",
                              .namespace_ = "kube-system",
                              .name = node + ".node-password.podwire",
                              .subresource = {}};
  for (auto* path : {&object, &password}) {
    client::DeleteOptions options;
    const auto what = path->resource + "/" + path->name;
    const auto gone = co_await api_.remove(std::move(*path), std::move(options));
    if (!gone && gone.error().code != 404) co_return fail("delete", what, 0, gone.error().message);
  }
  co_return Result<>{};
}

}  // namespace podwire::lab
