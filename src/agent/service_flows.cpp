#include "agent/service_flows.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace podwire::agent {

bool is_stale(const state::Flow& flow, const std::set<plan::Target>& targets) {
  return !targets.contains({flow.reply.src, flow.reply.src_port});
}

void ServiceFlows::note(const std::string& service, const plan::PlannedService& planned) {
  ByFrontend now;
  for (const auto& port : planned.ports)
    for (const auto& frontend : port.frontends)
      if (frontend.at.protocol == IPPROTO_UDP && !frontend.at.inside)
        now[frontend.at].insert(port.serving.begin(), port.serving.end());
  auto& before = services_[service];
  // Only what lost an endpoint has stale flows; a frontend that is new may have some of before its time.
  for (const auto& [at, targets] : now)
    if (const auto old = before.find(at); old == before.end() || !std::ranges::includes(targets, old->second))
      changed_[at] = targets;
  for (const auto& [at, targets] : before)
    if (!now.contains(at)) changed_[at] = {};
  before = std::move(now);
  if (before.empty()) services_.erase(service);
}

void ServiceFlows::forget(const std::string& service) {
  const auto at = services_.find(service);
  if (at == services_.end()) return;
  for (const auto& [frontend, targets] : at->second) changed_[frontend] = {};
  services_.erase(at);
}

void ServiceFlows::settle() {
  for (const auto& [at, targets] : std::exchange(changed_, {})) {
    state::FlowFilter filter{.family = at.family, .protocol = IPPROTO_UDP, .original_dst = at.address};
    filter.original_dst_port = at.port;
    const auto flows = conntrack_->flows(filter);
    if (!flows) return log::warn(flows.error().message());
    for (const auto& flow : *flows) {
      if (!is_stale(flow, targets)) continue;
      state::FlowFilter one{.family = at.family,
                            .protocol = IPPROTO_UDP,
                            .original_src = flow.original.src,
                            .original_dst = flow.original.dst,
                            .reply_src = flow.reply.src};
      one.original_dst_port = at.port;
      one.reply_src_port = flow.reply.src_port;
      if (const auto removed = conntrack_->remove(one); !removed) log::warn(removed.error().message());
    }
  }
}

}  // namespace podwire::agent
