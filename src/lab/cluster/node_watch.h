#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "client/api.h"
#include "client/informer.h"
#include "client/tasks.h"
#include "http/tls_client.h"
#include "kube/types/node.h"

namespace podwire::lab {

/// What the API server knows of the nodes, kept up to date. On the io_context's one thread.
class NodeWatch {
 public:
  /// As the kubeconfig's user. `changed` is called whenever a node has changed.
  static Result<std::unique_ptr<NodeWatch>> start(boost::asio::io_context& io, const std::string& kubeconfig,
                                                  std::function<void()> changed);

  enum class State { unknown, registered, ready };
  [[nodiscard]] State state(std::string_view node) const;
  /// "10.244.0.0/24,fd00:10:244::/64", "" while there are none.
  [[nodiscard]] std::string pod_cidrs(std::string_view node) const;
  /// Deletes the Node object, and what the server remembers of its machine. Success when there is none.
  http::Task<Result<>> remove(std::string node);

 private:
  NodeWatch(boost::asio::io_context& io, std::unique_ptr<http::TlsClient> http);
  std::unique_ptr<http::TlsClient> http_;
  client::Api api_;
  client::Informer<kube::Node> nodes_;
  client::Tasks tasks_;
};

}  // namespace podwire::lab
