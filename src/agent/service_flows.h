#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include "kernel/conntrack/conntrack.h"
#include "plan/service_proxy.h"

namespace podwire::agent {

/// Ends UDP flows that conntrack still leads to endpoints which a Service has no more, or to none at all:
/// nothing else would, as long as the client keeps sending. TCP notices by itself. Not thread-safe.
class ServiceFlows {
 public:
  explicit ServiceFlows(std::unique_ptr<kernel::Conntrack> conntrack) : conntrack_(std::move(conntrack)) {}

  /// A Service as it is planned now. Remembers where its UDP flows may end.
  void note(const std::string& service, const plan::PlannedService& planned);
  void forget(const std::string& service);
  /// After the tables were changed: looks at the flows of the frontends that were noted since the last time.
  /// Costs a walk of the connection table, only when UDP frontends have changed.
  void settle();

 private:
  using ByFrontend = std::map<plan::Frontend, std::set<plan::Target>>;

  std::unique_ptr<kernel::Conntrack> conntrack_;
  std::map<std::string, ByFrontend> services_;
  ByFrontend changed_;
};

/// Whether a flow to that frontend leads nowhere good: to an address and port that is not among the targets.
/// Pure.
[[nodiscard]] bool is_stale(const state::Flow& flow, const std::set<plan::Target>& targets);

}  // namespace podwire::agent
