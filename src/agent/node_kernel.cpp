#include "agent/node_kernel.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <variant>

#include "agent/readable.h"
#include "base/log.h"

namespace podwire::agent {
namespace {

using client::Task;
using namespace std::chrono_literals;

constexpr auto kLookAtSettings = 500ms;  // the kernel tells nobody when one is written
constexpr auto kAfterFailure = 1s;

/// What is to be done about a kernel that cannot do it.
Result<> with_advice(Result<> done) {
  if (done || done.error().sys_errno != EOPNOTSUPP) return done;
  done.error().detail += (done.error().detail.empty() ? "" : "; ") +
                         std::string(
                             "this kernel lacks it: load its module (vxlan, nf_tables), or use --backend "
                             "host-gw, --ip-masq=false");
  return done;
}

}  // namespace

Result<std::unique_ptr<NodeKernel>> NodeKernel::open(boost::asio::io_context& io, kernel::Host& host) {
  const auto netns = TRY(host.current_netns());
  // First the monitors: what happens after the first look is told.
  auto rtnl_monitor = TRY(kernel::RtnlMonitor::open(netns));
  auto nft_monitor = TRY(kernel::NftMonitor::open(netns));
  return std::unique_ptr<NodeKernel>(new NodeKernel(io, std::move(rtnl_monitor), std::move(nft_monitor),
                                                    TRY(host.rtnl(netns)), TRY(host.nft(netns)),
                                                    TRY(host.sysctl(netns))));
}

NodeKernel::NodeKernel(boost::asio::io_context& io, kernel::RtnlMonitor rtnl_monitor,
                       kernel::NftMonitor nft_monitor, std::unique_ptr<kernel::Rtnl> rtnl,
                       std::unique_ptr<kernel::Nft> nft, std::unique_ptr<kernel::Sysctl> sysctl)
    : io_(io),
      rtnl_monitor_(std::move(rtnl_monitor)),
      nft_monitor_(std::move(nft_monitor)),
      rtnl_(std::move(rtnl)),
      nft_(std::move(nft)),
      sysctl_(std::move(sysctl)),
      network_(*rtnl_),
      table_(*nft_) {}

Result<> NodeKernel::hold(NodeWanted wanted) {
  ErrorList errors;
  if (auto done = network_.apply(wanted.network); !done)
    errors.check(with_advice(std::unexpected(std::move(done.error()))));
  errors.check(with_advice(hold_table(wanted.elements)));
  settings_ = std::move(wanted.settings);
  const auto written = agent::hold(*sysctl_, settings_);
  if (!written) errors.add(written.error());
  return errors.result();
}

Result<> NodeKernel::hold_table(const state::NftElements& elements) {
  TRY(table_.apply(elements));
  // What has been told up to now was our own doing, or is mended by it.
  if (const auto own = nft_monitor_.read(); !own && own.error().sys_errno != ENOBUFS)
    return std::unexpected(own.error());
  return {};
}

void NodeKernel::disturbed() {
  if (handler_) handler_();
}

bool NodeKernel::is_disturbed_by(const kernel::RtnlEvent& event) {
  if (network_.contradicted_by(event)) {
    network_.distrust();
    return true;
  }
  // The node's own addresses may be among them.
  const auto* address = std::get_if<state::Address>(&event.object);
  return address != nullptr && address->scope == state::Scope::global;
}

Task<void> NodeKernel::watch_network() {
  Readable readable(io_, rtnl_monitor_.fd());
  while (true) {
    co_await readable.wait();
    const auto events = rtnl_monitor_.read();
    if (!events) {
      // Some were dropped: we look for ourselves.
      network_.distrust();
      disturbed();
      if (events.error().sys_errno != ENOBUFS) co_await client::Clock::real().sleep(kAfterFailure);
      continue;
    }
    bool any = false;
    for (const auto& event : *events) any = is_disturbed_by(event) || any;
    if (any) disturbed();
  }
}

Task<void> NodeKernel::watch_table() {
  Readable readable(io_, nft_monitor_.fd());
  while (true) {
    co_await readable.wait();
    const auto events = nft_monitor_.read();
    if (!events) {
      disturbed();
      if (events.error().sys_errno != ENOBUFS) co_await client::Clock::real().sleep(kAfterFailure);
      continue;
    }
    const auto is_loss = [](const kernel::NftEvent& e) { return e.table == "podwire" && e.gone; };
    if (std::ranges::none_of(*events, is_loss)) continue;
    if (std::ranges::any_of(*events, [&](const kernel::NftEvent& e) {
          return is_loss(e) && e.what == kernel::NftEvent::What::shape;
        })) {
      log::warn("somebody else has changed the nftables table inet podwire; it is made again");
      table_.distrust();
    }
    disturbed();
  }
}

Task<void> NodeKernel::watch_settings() {
  while (true) {
    co_await client::Clock::real().sleep(kLookAtSettings);
    for (const auto& setting : settings_) {
      const auto now = sysctl_->get(setting.key);
      if (!now || *now == setting.value) continue;
      log::warn("somebody else has changed a setting; it is set again",
                {{"key", setting.key}, {"was", *now}, {"set", setting.value}});
      disturbed();
    }
  }
}

}  // namespace podwire::agent
