#pragma once
#include <boost/asio/io_context.hpp>

#include "http/client.h"
#include "server/auth/pki.h"
#include "server/node_call.h"

namespace podwire::server {

/// Asks nodes for their pods' logs and streams, and hands on what they say: logs as they come, upgraded
/// connections byte by byte, refusals as a Status. Nodes must show a certificate of the cluster's CA for the
/// address that they are asked at. A connection is as long as the client's: whichever side ends ends both.
class NodeProxy {
 public:
  /// Both live longer.
  NodeProxy(boost::asio::io_context& io, const Pki& pki) : io_(io), pki_(pki) {}

  /// Returns the HTTP status that the client got.
  http::Task<int> relay(const NodeCall& call, const http::Request& request, http::Responder& out);

 private:
  http::Task<int> relay_answer(http::Client& node, const NodeCall& call, http::Responder& out);
  http::Task<int> relay_upgrade(http::Client& node, const NodeCall& call, const http::Request& request,
                                http::Responder& out);

  boost::asio::io_context& io_;
  const Pki& pki_;
};

/// The Status of what a node has refused with (in plain text), and of a node that cannot be asked.
[[nodiscard]] kube::Status refusal_of(const NodeCall& call, int status, std::string_view said);
[[nodiscard]] kube::Status unreachable(const NodeCall& call, const Error& why);

}  // namespace podwire::server
