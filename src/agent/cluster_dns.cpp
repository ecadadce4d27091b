#include "agent/cluster_dns.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/log.h"
#include "client/informer.h"
#include "client/tasks.h"
#include "dns/server.h"
#include "kernel/host.h"

namespace podwire::agent {
namespace {

constexpr std::uint16_t kPort = 53;
constexpr int kLo = 1;
constexpr std::size_t kLargestResolvConf = 64 << 10;

state::Address on_lo(const IpAddr& address) {
  return {.link_index = kLo, .cidr = Cidr::host(address), .scope = state::Scope::host, .no_dad = true};
}

std::vector<dns::Upstream> upstreams_of(const std::vector<IpAddr>& servers, const Site& site) {
  std::vector<dns::Upstream> out;
  for (const auto& server : servers)
    if (std::ranges::find(site.cluster_dns, server) == site.cluster_dns.end()) out.push_back({server});
  return out;
}

/// All that works between start() and stop().
class Serving {
 public:
  Serving(const Site& site, dns::Name domain, std::vector<dns::Upstream> upstreams,
          std::unique_ptr<kernel::Rtnl> rtnl)
      : zone_(std::move(domain), site.cluster_dns),
        server_(site.io, zone_, std::move(upstreams)),
        services_(site.api, {.resource = "services"}),
        slices_(site.api, {.resource = "endpointslices.discovery.k8s.io"}),
        addresses_(site.cluster_dns),
        rtnl_(std::move(rtnl)),
        tasks_(site.io) {}

  Result<> start() {
    for (const auto& address : addresses_) {
      auto listens = server_.listen(address, kPort);
      if (!listens && listens.error().sys_errno == EADDRINUSE)
        listens.error().detail =
            "another DNS server has port 53 of all addresses: give it its own, or us --no-dns";
      TRY(std::move(listens));
      TRY(rtnl_->add_address(on_lo(address), kernel::Existing::replace));
    }
    keep(services_);
    keep(slices_);
    tasks_.spawn(services_.run());
    tasks_.spawn(slices_.run());
    return {};
  }

  http::Task<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
    co_await server_.stop();
    for (const auto& address : addresses_)
      if (const auto gone = rtnl_->delete_address(on_lo(address)); !gone)
        log::warn("the address of the cluster's DNS stays on lo", {{"error", gone.error().message()}});
  }

 private:
  template <class T>
  void keep(client::Informer<T>& informer) {
    informer.on_change([this](const auto& before, const auto& after) {
      if (after)
        zone_.set(*after);
      else
        zone_.remove(*before);
    });
    informer.on_progress([this] { serve_when_complete(); });
  }

  void serve_when_complete() {
    if (serves_ || !services_.synced() || !slices_.synced()) return;
    serves_ = true;
    server_.serve();
    std::vector<std::string> texts;
    texts.reserve(addresses_.size());
    for (const auto& address : addresses_) texts.push_back(address.str());
    fmt::print(stderr, "podwire agent: serves the cluster's DNS at {}\n", fmt::join(texts, " and "));
  }

  dns::Zone zone_;
  dns::Server server_;
  client::Informer<kube::Service> services_;
  client::Informer<kube::EndpointSlice> slices_;
  std::vector<IpAddr> addresses_;
  std::unique_ptr<kernel::Rtnl> rtnl_;
  client::Tasks tasks_;  // after what its coroutines use
  bool serves_ = false;
};

class ClusterDns final : public Companion {
 public:
  ClusterDns(bool insists, std::vector<IpAddr> upstreams)
      : insists_(insists), upstreams_(std::move(upstreams)) {}

  Result<> start(const Site& site) override {
    if (site.cluster_dns.empty()) {
      if (insists_)
        return fail("serve", "the cluster's DNS", 0, "its address is not known: give --cluster-dns");
      return {};
    }
    auto domain = dns::Name::parse(site.cluster_domain);
    if (!domain || domain->labels.empty())
      return fail("serve", "the cluster's DNS", 0,
                  fmt::format("--cluster-domain '{}' is no name", site.cluster_domain));
    auto& host = kernel::real_host();
    const auto netns = TRY(host.current_netns());
    auto rtnl = TRY(host.rtnl(netns));
    serving_ =
        std::make_unique<Serving>(site, std::move(*domain), upstreams_of(upstreams_, site), std::move(rtnl));
    auto started = serving_->start();
    if (!started) serving_.reset();
    return started;
  }

  http::Task<void> stop() override {
    if (!serving_) co_return;
    co_await serving_->stop();
    serving_.reset();
  }

 private:
  bool insists_;
  std::vector<IpAddr> upstreams_;
  std::unique_ptr<Serving> serving_;
};

}  // namespace

std::vector<IpAddr> nameservers(std::string_view resolv_conf) {
  constexpr std::string_view kKeyword = "nameserver", kBlank = " \t\r";
  std::vector<IpAddr> out;
  while (!resolv_conf.empty()) {
    const auto end = resolv_conf.find('\n');
    auto line = resolv_conf.substr(0, end);
    resolv_conf = end == std::string_view::npos ? std::string_view() : resolv_conf.substr(end + 1);
    if (!line.starts_with(kKeyword)) continue;
    line.remove_prefix(kKeyword.size());
    const auto from = line.find_first_not_of(kBlank);
    if (from == 0 || from == std::string_view::npos) continue;
    line.remove_prefix(from);
    if (const auto address = IpAddr::parse(line.substr(0, line.find_first_of(kBlank))))
      out.push_back(*address);
  }
  return out;
}

Result<std::unique_ptr<Companion>> cluster_dns(const DnsFlags& flags, bool run_pods) {
  if (!flags.serve.value_or(run_pods)) {
    if (flags.upstream) return fail("--upstream-dns", *flags.upstream, 0, "is for --dns, which is not on");
    return nullptr;
  }
  std::vector<IpAddr> servers;
  if (!flags.upstream) {
    if (const auto text = read_file(flags.resolv_conf, kLargestResolvConf)) servers = nameservers(*text);
  } else {
    std::string_view rest = *flags.upstream;
    while (!rest.empty()) {
      const auto part = rest.substr(0, rest.find(','));
      const auto address = IpAddr::parse(part);
      if (!address) return fail("--upstream-dns", part, 0, "is no IP address");
      servers.push_back(*address);
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
  }
  return std::make_unique<ClusterDns>(flags.serve.has_value(), std::move(servers));
}

}  // namespace podwire::agent
