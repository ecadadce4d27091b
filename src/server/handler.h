#pragma once
#include "http/server.h"
#include "server/api.h"
#include "server/metrics.h"
#include "server/node_join.h"
#include "server/node_proxy.h"
#include "server/request_limits.h"

namespace podwire::server {

/// From HTTP to the API and back: who it is, what it asks, and the answer whole or, for watches, piece by
/// piece. What it refers to must outlive the HTTP server.
[[nodiscard]] http::Handler api_handler(Api& api, const Access& access, NodeJoin& join, NodeProxy& nodes,
                                        const World& world, RequestLimits& limits, Metrics& metrics);

/// The body of a refusal that no handler saw, as a Status.
[[nodiscard]] std::string complaint_body(int status, std::string_view sentence);

}  // namespace podwire::server
