#include "agent/pod_network.h"

#include <algorithm>
#include <chrono>

#include "agent/conflist.h"
#include "agent/flannel.h"
#include "agent/underlay.h"
#include "base/file.h"
#include "client/backoff.h"
#include "client/refusal.h"
#include "plan/masquerade.h"

namespace podwire::agent {
namespace {

using client::Task;
using namespace std::chrono_literals;

constexpr auto kResync = 60s;   // a back stop: what changes is told us
constexpr auto kPatience = 3s;  // with a problem, before it is said
constexpr auto kAfterFailure = 200ms;
constexpr auto kTogether = 20ms;  // what comes together is done together

std::vector<IpAddr> addresses_of(const kube::Node& node) {
  std::vector<IpAddr> out;
  for (const auto& address : node.addresses)
    if (address.type == "InternalIP")
      if (const auto ip = IpAddr::parse(address.address)) out.push_back(*ip);
  return out;
}

Error error_of(std::string_view verb, const std::string& node, const kube::Status& status) {
  return {.verb = std::string(verb), .object = node, .detail = client::sentence(status)};
}

/// As the kubelet's conditions go; NetworkUnavailable is the network's own.
json::object network_condition(kube::Time now) {
  const kube::Condition condition{.type = "NetworkUnavailable",
                                  .status = "False",
                                  .reason = "PodwireIsUp",
                                  .message = "podwire has made the way to the other nodes' pods",
                                  .heartbeat = now,
                                  .transition = now};
  return {{"status", {{"conditions", json::array{kube::to_json(condition)}}}}};
}

}  // namespace

PodNetwork::PodNetwork(boost::asio::io_context& io, client::Api api, client::Informer<kube::Node>& nodes,
                       NodeKernel& kernel, const Options& options)
    : api_(std::move(api)), nodes_(nodes), kernel_(kernel), options_(options), changed_(io, api_.clock()) {
  nodes_.on_change([this](const auto& before, const auto& after) {
    // Most writes of a Node are its heartbeats.
    if (before && after && network_node_of(*before, options_.vni) == network_node_of(*after, options_.vni) &&
        before->meta.annotations == after->meta.annotations)
      return;
    if (nodes_.synced()) changed_.set();
  });
  nodes_.on_progress([this, first = true]() mutable {
    if (first) changed_.set();
    first = false;
  });
}

Task<void> PodNetwork::run() {
  Trouble trouble("hold the node's network to what the Nodes say");
  client::Backoff backoff({.first = 200ms});
  auto& clock = api_.clock();
  auto resync = clock.now() + kResync;
  auto next = resync;
  while (true) {
    co_await changed_.wait(next);
    co_await clock.sleep(kTogether);
    if (clock.now() >= resync) {
      kernel_.distrust();
      resync = clock.now() + kResync;
    }
    next = resync;
    if (!nodes_.synced()) continue;
    const auto done = co_await look();
    if (done) {
      trouble.worked();
      backoff.succeeded(clock.now());
      if (problems_ != said_) next = std::min(resync, clock.now() + kPatience);
      continue;
    }
    trouble.failed(done.error().message());
    if (!readiness_.ready) set({false, done.error().message()});
    next = std::min(resync, clock.now() + backoff.failed(clock.now(), clock.chance()));
    co_await clock.sleep(kAfterFailure);  // whatever else is told meanwhile
  }
}

Task<Result<>> PodNetwork::look() {
  const auto self = nodes_.find("", options_.node_name);
  if (!self) {
    if (!readiness_.ready) set({false, "there is no Node " + options_.node_name + " yet"});
    co_return Result<>();
  }
  if (self->pod_cidrs.empty()) {
    if (!readiness_.ready) set({false, "the Node has no podCIDR yet"});
    co_return Result<>();
  }
  const auto addresses = addresses_.empty() ? addresses_of(*self) : addresses_;
  if (addresses.empty()) {
    if (!readiness_.ready) set({false, "the Node has no InternalIP yet"});
    co_return Result<>();
  }
  const auto underlays = find_underlays(kernel_.rtnl(), addresses);
  if (!underlays) co_return std::unexpected(underlays.error());
  if (underlays->empty())
    co_return fail("find", "the link of the node's address", 0, addresses.front().str() + " is on no link");
  const auto vteps = own_vteps(*self, *underlays, options_.vni);
  auto planned = hold(*self, *underlays, vteps);
  if (!planned) co_return std::unexpected(planned.error());
  complain(std::move(planned->problems));
  auto told = co_await tell(*self, *underlays, vteps);
  if (!told) co_return told;
  auto written = write_conflist(*self, planned->pod_mtu);
  if (!written) co_return written;
  set({true, ""});
  co_return Result<>();
}

Result<plan::NodeNetwork> PodNetwork::hold(const kube::Node& self, std::span<const plan::Underlay> underlays,
                                           std::vector<plan::Vtep> vteps) {
  auto own = network_node_of(self, options_.vni);
  own.vteps = std::move(vteps);
  std::vector<plan::NetworkNode> all;
  for (const auto& [key, node] : nodes_.all()) all.push_back(network_node_of(*node, options_.vni));
  auto planned = plan::plan_node_network({.self = own,
                                          .nodes = all,
                                          .underlays = underlays,
                                          .cluster_cidrs = options_.cluster_cidrs,
                                          .backend = options_.backend,
                                          .vni = options_.vni,
                                          .port = options_.port});
  plan::Masquerade masquerade;
  if (options_.ip_masq)
    masquerade = plan::plan_masquerade({.own_pods = self.pod_cidrs,
                                        .cluster_cidrs = options_.cluster_cidrs,
                                        .non_masquerade_cidrs = options_.non_masquerade_cidrs,
                                        .nodes = all,
                                        .network = planned.network});
  if (!advertised_) {
    std::vector<std::string> links;
    for (const auto& underlay : underlays) links.push_back(underlay.link);
    advertised_ = links_with_advertisements(kernel_.sysctl(), links);
  }
  auto settings = node_settings(self.pod_cidrs, planned.network, *advertised_);
  TRY(kernel_.hold({planned.network, plan::masquerade_elements(masquerade), std::move(settings)}));
  return planned;
}

Task<Result<>> PodNetwork::tell(const kube::Node& self, std::span<const plan::Underlay> underlays,
                                std::span<const plan::Vtep> vteps) {
  const client::ObjectPath path{"nodes", "", self.meta.name, ""};
  json::object missing;
  for (const auto& [name, value] : flannel_annotations(vteps, underlays, options_.backend, options_.vni))
    if (kube::text_of(self.meta.annotations, name) != value) missing[name] = value;
  if (!missing.empty()) {
    json::object meta{{"annotations", std::move(missing)}};
    json::value patch = json::object{{"metadata", std::move(meta)}};
    const auto done = co_await api_.patch(path, std::move(patch));
    if (!done) co_return std::unexpected(error_of("annotate node", self.meta.name, done.error()));
  }
  const auto* condition = kube::find_condition(self.conditions, "NetworkUnavailable");
  if (condition != nullptr && condition->status == "False") co_return Result<>();
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  json::value patch = network_condition(now);
  auto status = path;
  status.subresource = "status";
  const auto done = co_await api_.patch(std::move(status), std::move(patch), client::PatchType::strategic);
  if (!done)
    co_return std::unexpected(error_of("set NetworkUnavailable=False of", self.meta.name, done.error()));
  co_return Result<>();
}

Result<> PodNetwork::write_conflist(const kube::Node& self, std::uint32_t mtu) {
  const auto text = text_of(Conflist{.link = options_.pod_link, .mtu = mtu, .pod_cidrs = self.pod_cidrs});
  const auto path = options_.cni_conf_dir + "/" + kConflistName;
  if (const auto there = read_file(path); there && *there == text) return {};
  TRY(make_directories(options_.cni_conf_dir));
  return write_file_atomic(path, text);
}

void PodNetwork::complain(std::vector<plan::NetworkProblem> problems) {
  std::vector<plan::NetworkProblem> said;
  for (const auto& problem : problems) {
    if (!std::ranges::binary_search(problems_, problem)) continue;  // a node that has just come, perhaps
    if (!std::ranges::binary_search(said_, problem))
      log::warn("a node's pods cannot be reached", {{"node", problem.node}, {"why", problem.sentence}});
    said.push_back(problem);
  }
  said_ = std::move(said);
  problems_ = std::move(problems);
}

void PodNetwork::set(Readiness readiness) {
  if (readiness_ == readiness) return;
  readiness_ = std::move(readiness);
  if (handler_) handler_();
}

}  // namespace podwire::agent
