#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "client/api.h"
#include "kube/types/time.h"
#include "plan/lb_pool.h"
#include "plan/node_masks.h"

namespace podwire::control {

struct ControllerOptions {
  std::vector<Cidr> cluster_cidrs;  ///< out of which nodes get their podCIDRs; empty: they get none
  plan::MaskSizeFlags node_masks;
  std::vector<Cidr> service_cidrs;
  std::vector<plan::AddressRun> lb_pool;  ///< for Services of type LoadBalancer; empty: they get none
  /// The time of day; by default the system's. How time passes is the Api's clock's.
  std::function<kube::Time()> now;
  /// Those that are not to run, by the names that their Events have: "replicaset-controller".
  std::vector<std::string> disabled;
};

/// All controllers of a cluster, with one watch a resource between them, against any API server. On the
/// io_context's one thread.
class Controllers {
 public:
  /// `api` with the rights of controllers; its http::Client outlives this, and what stop() waits for.
  Controllers(boost::asio::io_context& io, client::Api api, ControllerOptions options);
  /// Without stop() before, the io_context must not run on.
  ~Controllers();
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  /// Lists, watches and decides from now on. Once. Errors: ranges that do not go together.
  Result<> start();
  /// Ends everything; what is on its way to the API is cut off.
  http::Task<void> stop();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace podwire::control
