#include "lab/cluster/cluster.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <cerrno>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/log.h"
#include "lab/socket_address.h"

namespace podwire::lab {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::uint16_t kApiPort = 6443;
constexpr const char* kServerData = "/var/lib/podwire/server";
constexpr const char* kNodeKubeconfig = "/etc/podwire/kubeconfig";

template <class Range, class Text>
std::string joined(const Range& range, Text text) {
  std::string out;
  for (const auto& item : range) out += (out.empty() ? "" : ",") + text(item);
  return out;
}

Result<UniqueFd> listening(const kernel::NetNs& netns, const Endpoint& local) {
  auto socket = TRY(open_socket(netns, local.addr.family(), SOCK_STREAM));
  TRY(bind_to(socket.get(), local));
  if (::listen(socket.raw(), SOMAXCONN) != 0) return fail("listen on", local.str(), errno);
  return socket;
}

Result<std::uint16_t> port_of(Fd socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(socket.raw(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return fail("look up the address of", "a socket", errno);
  return endpoint_of(own).port;
}

/// A kubeconfig with another server.
std::string with_server(std::string kubeconfig, const std::string& url) {
  constexpr std::string_view kKey = "server: ";
  if (const auto at = kubeconfig.find(kKey); at != std::string::npos)
    kubeconfig.replace(at + kKey.size(), kubeconfig.find('\n', at) - at - kKey.size(), url);
  return kubeconfig;
}

}  // namespace

Cluster::Cluster(asio::io_context& io, LabSettings settings, LabFiles files, Programs programs)
    : io_(io), settings_(std::move(settings)), files_(std::move(files)), programs_(std::move(programs)) {}

void Cluster::changed() const {
  if (on_change) on_change();
}

std::string Cluster::url_of(const IpAddr& address, std::uint16_t port) const {
  return "https://" + Endpoint{address, port}.str();
}

Result<> Cluster::lay_wires() {
  const auto host = TRY(kernel::NetNs::current());
  host_socket_ = TRY(listening(host, {*IpAddr::parse("127.0.0.1"), settings_.api_port}));
  host_port_ = TRY(port_of(host_socket_.get()));
  backbone_.emplace(TRY(Backbone::build(settings_)));
  for (std::size_t i = 0; i < settings_.nodes.size(); ++i) {
    const auto& name = settings_.nodes[i];
    const auto place = settings_.place(i);
    if (!place) return fail("find an address for", name, EADDRNOTAVAIL);
    nodes_.push_back(std::make_unique<LabNode>(name, *place, files_.disk(name), programs_));
  }
  return {};
}

http::Task<Result<>> Cluster::build() {
  auto built = lay_wires();
  // Between two machines there is time for those who listen.
  for (std::size_t i = 0; i < nodes_.size() && built; ++i) {
    built = start_machine(*nodes_[i]);
    changed();
    co_await asio::post(asio::use_awaitable);
  }
  if (built) built = write_hosts();
  if (!built) failure_ = built.error();
  changed();
  co_return built;
}

Result<> Cluster::start_machine(LabNode& node) {
  node.on_change = [this] { changed(); };
  TRY(node.switch_on(*backbone_));
  if (&node == nodes_.front().get()) return start_server();
  return kubeconfig_.empty() ? Result<>() : start_agent(node);
}

Result<> Cluster::write_hosts() {
  std::string text = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n";
  for (const auto& node : nodes_)
    for (const auto& address : node->place().addresses)
      text += address.addr().str() + " " + node->name() + "\n";
  for (const auto& cidr : settings_.node_cidrs)
    text += web_address(cidr.family()).str() + " " + kInternet + "\n";
  for (const auto& node : nodes_)
    if (node->machine() != nullptr) TRY(node->write("/etc/hosts", text, 0644));
  return {};
}

Result<> Cluster::start_server() {
  auto& node = *nodes_.front();
  std::vector<Fd> sockets;
  node_sockets_.clear();
  for (const auto& address : node.place().addresses) {
    node_sockets_.push_back(TRY(listening(node.machine()->netns(), {address.addr(), kApiPort})));
    sockets.push_back(node_sockets_.back().get());
  }
  sockets.push_back(host_socket_.get());
  const auto str = [](const Cidr& cidr) { return cidr.str(); };
  std::vector<std::string> args{"server",
                                "--listen",
                                Endpoint{node.place().addresses.front().addr(), kApiPort}.str(),
                                "--data-dir",
                                kServerData,
                                "--cluster-cidr",
                                joined(settings_.cluster_cidrs, str),
                                "--service-cidr",
                                joined(settings_.service_cidrs, str)};
  args.insert(args.end(), settings_.server_args.begin(), settings_.server_args.end());
  return node.keep(io_, "server", std::move(args), {}, sockets, [this] {
    if (auto ready = server_is_ready(); !ready) {
      log::error(ready.error().message());
      failure_ = ready.error();
    }
    changed();
  });
}

Result<> Cluster::server_is_ready() {
  const auto& machine = *nodes_.front()->machine();
  const auto token = TRY(read_file(machine.outside_path(fmt::format("{}/node-token", kServerData))));
  token_ = token.substr(0, token.find('\n'));
  kubeconfig_ = TRY(read_file(machine.outside_path(fmt::format("{}/admin.kubeconfig", kServerData))));
  TRY(write_file_atomic(files_.kubeconfig(),
                        with_server(kubeconfig_, url_of(*IpAddr::parse("127.0.0.1"), host_port_)), 0600,
                        Durability::until_reboot));
  for (const auto& node : nodes_)
    if (node->machine() != nullptr && !node->keeps("agent")) TRY(start_agent(*node));
  if (!watch_) watch_ = TRY(NodeWatch::start(io_, files_.kubeconfig(), [this] { changed(); }));
  return {};
}

Result<> Cluster::start_agent(LabNode& node) {
  TRY(node.write(kNodeKubeconfig, kubeconfig_, 0600));
  const auto server = nodes_.front()->place().addresses.front().addr();
  std::vector<std::string> args{"agent",
                                "--server",
                                url_of(server, kApiPort),
                                "--node-name",
                                node.name(),
                                "--node-ip",
                                joined(node.place().addresses, [](const Cidr& a) { return a.addr().str(); }),
                                "--run-pods"};
  args.insert(args.end(), settings_.agent_args.begin(), settings_.agent_args.end());
  return node.keep(io_, "agent", std::move(args), {"PODWIRE_TOKEN=" + token_}, {}, [this] { changed(); });
}

Result<LabNode*> Cluster::find(const std::string& name) {
  const auto found = std::ranges::find(nodes_, name, &LabNode::name);
  if (found == nodes_.end())
    return fail("find node", name, ENOENT,
                fmt::format("lab {} has {}", settings_.name, joined(node_names(), std::identity())));
  return found->get();
}

Result<std::string> Cluster::add(std::string name) {
  std::size_t number = 0;
  const auto taken = [&](std::size_t n) {
    return std::ranges::any_of(nodes_, [&](const auto& node) {
      return node->place().number == n || (name.empty() && node->name() == fmt::format("node{}", n));
    });
  };
  while (taken(number)) ++number;
  if (name.empty()) name = fmt::format("node{}", number);
  if (std::ranges::find(nodes_, name, &LabNode::name) != nodes_.end()) return fail("add node", name, EEXIST);
  if (!Machine::usable_name(name) || name == kInternet)
    return fail("add node", name, EINVAL,
                "a node's name is 1 to 15 of a-z, 0-9 and '-', and not \"internet\"");
  const auto place = settings_.place(number);
  if (!place) return fail("add node", name, EADDRNOTAVAIL, "the node network has no more addresses");
  nodes_.push_back(std::make_unique<LabNode>(name, *place, files_.disk(name), programs_));
  if (auto started = start_machine(*nodes_.back()); !started) {
    static_cast<void>(nodes_.back()->switch_off(*backbone_));
    nodes_.pop_back();
    return std::unexpected(std::move(started.error()));
  }
  TRY(write_hosts());
  changed();
  return name;
}

http::Task<Result<>> Cluster::remove(std::string name) {
  const auto found = find(name);
  if (!found) co_return std::unexpected(found.error());
  if (*found == nodes_.front().get())
    co_return fail("remove node", name, EBUSY,
                   "the API server runs on it; `podwire lab down` removes the whole lab");
  auto off = (*found)->switch_off(*backbone_);
  const auto disk = (*found)->disk();
  std::erase_if(nodes_, [&](const auto& node) { return node->name() == name; });
  if (auto hosts = write_hosts(); off && !hosts) off = std::move(hosts);
  std::error_code error;
  std::filesystem::remove_all(disk, error);
  changed();
  if (off && watch_) off = co_await watch_->remove(name);
  co_return off;
}

Result<> Cluster::switch_on(const std::string& name) {
  auto* node = TRY(find(name));
  TRY(start_machine(*node));
  TRY(write_hosts());
  changed();
  return {};
}

Result<> Cluster::switch_off(const std::string& name) {
  auto* node = TRY(find(name));
  if (node->machine() == nullptr) return fail("stop", name, EALREADY, "it is off already");
  if (node == nodes_.front().get()) node_sockets_.clear();
  auto off = node->switch_off(*backbone_);
  changed();
  return off;
}

Result<> Cluster::take_down() {
  watch_.reset();
  ErrorList errors;
  for (const auto& node : nodes_) node->kill();
  for (const auto& node : nodes_) errors.check(node->switch_off(*backbone_));
  nodes_.clear();
  backbone_.reset();
  return errors.result();
}

std::vector<std::string> Cluster::node_names() const {
  std::vector<std::string> out;
  out.reserve(nodes_.size());
  for (const auto& node : nodes_) out.push_back(node->name());
  return out;
}

std::string Cluster::state(const std::string& name) const {
  const auto found = std::ranges::find(nodes_, name, &LabNode::name);
  if (found == nodes_.end()) return "";
  if ((*found)->machine() == nullptr) return "off";
  if (!(*found)->keeps("agent")) return "on";
  if (!watch_) return "joining";
  switch (watch_->state(name)) {
    case NodeWatch::State::ready:
      // The Node may say so from before it was switched off.
      return (*found)->ready("agent") ? "Ready" : "registered";
    case NodeWatch::State::registered:
      return "registered";
    case NodeWatch::State::unknown:
      break;
  }
  return "joining";
}

std::string Cluster::trouble(const std::string& name) const {
  const auto found = std::ranges::find(nodes_, name, &LabNode::name);
  return found == nodes_.end() ? "" : (*found)->trouble();
}

bool Cluster::hopeless() const {
  return std::ranges::any_of(nodes_, [](const auto& node) { return node->hopeless(); });
}

json::object Cluster::status() const {
  json::object out{{"name", settings_.name}, {"keeper", ::getpid()}, {"kubeconfig", files_.kubeconfig()}};
  out["server"] = kubeconfig_.empty() ? "" : url_of(*IpAddr::parse("127.0.0.1"), host_port_);
  out["clusterCIDR"] = joined(settings_.cluster_cidrs, [](const Cidr& c) { return c.str(); });
  out["serviceCIDR"] = joined(settings_.service_cidrs, [](const Cidr& c) { return c.str(); });
  json::array nodes;
  for (const auto& node : nodes_) {
    json::object one{{"name", node->name()}, {"state", state(node->name())}};
    one["addresses"] = joined(node->place().addresses, [](const Cidr& a) { return a.addr().str(); });
    one["podCIDRs"] = watch_ ? watch_->pod_cidrs(node->name()) : std::string();
    one["segment"] = node->place().segment;
    one["pid"] = node->machine() != nullptr ? node->machine()->pid() : 0;
    if (!node->trouble().empty()) one["trouble"] = node->trouble();
    nodes.push_back(std::move(one));
  }
  out["nodes"] = std::move(nodes);
  if (backbone_) out["internet"] = backbone_->internet().pid();
  return out;
}

}  // namespace podwire::lab
