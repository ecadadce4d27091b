#pragma once
#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "http/client.h"

namespace podwire::server {

/// One more client of the API, in the server's own process and on its thread: the controllers. It speaks to
/// it as to any other server, as user system:kube-controller-manager.
class Companion {
 public:
  virtual ~Companion() = default;
  /// When the server answers. `api` outlives what stop() waits for. An error ends the server.
  virtual Result<> start(boost::asio::io_context& io, http::Client& api) = 0;
  /// Nothing of it runs any more when this returns.
  virtual http::Task<void> stop() = 0;
};

}  // namespace podwire::server
