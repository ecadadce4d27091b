#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kube/codec/openapi.h"
#include "server/access.h"
#include "server/discovery.h"
#include "server/health.h"
#include "server/list_stream.h"
#include "server/media_type.h"
#include "server/node_call.h"
#include "server/registry.h"
#include "server/request_path.h"
#include "server/watch_stream.h"

namespace podwire::server {

/// One request as the API sees it: whoever sent it is known, and its target is decoded.
struct ApiRequest {
  std::string method;
  std::vector<std::string> path;  ///< decoded segments
  Query query;
  std::string accept, content_type, user_agent;
  std::string body;
  User user;
};

/// A whole answer.
struct Reply {
  int code = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::string> warnings;  ///< each a `Warning: 299` header
  bool immutable = false;             ///< under this URL it never changes: clients may keep it
  std::shared_ptr<ListStream> list;   ///< instead of a body: a list that is long
};

[[nodiscard]] Reply reply_of(const kube::Status& status);
[[nodiscard]] Reply reply_of(const json::object& object, int code = 200);

/// The resource that a request is about.
struct ApiTarget {
  const kube::Resource* resource = nullptr;
  ResourcePath path;
  Encoding encoding;
  [[nodiscard]] Place place() const { return {path.ns, path.name}; }
};

/// The Kubernetes API: from requests to answers, without a network. Requests are authorized here. On the
/// store's thread.
class Api {
 public:
  Api(Registry& registry, const Access& access, std::string_view server_address, std::string version);

  /// What /metrics and /readyz, /livez and /healthz say. Both must outlive the Api; without them there is no
  /// such path.
  void report(std::function<std::string()> metrics, const Health& health) {
    metrics_ = std::move(metrics);
    health_ = &health;
  }

  /// Everything but watches and what nodes answer.
  Task<Reply> answer(ApiRequest request);
  [[nodiscard]] static bool is_watch(const ApiRequest& request);
  /// A pod's log, exec, attach, portforward: its node answers.
  [[nodiscard]] static bool is_for_node(const ApiRequest& request);
  [[nodiscard]] kube::Answer<NodeCall> call_of(const ApiRequest& request) const;
  /// What a watch is answered with, piece by piece.
  kube::Answer<std::unique_ptr<WatchStream>> watch(const ApiRequest& request, std::function<void()> wake);

 private:
  kube::Answer<ApiTarget> target_of(const ApiRequest& request, const ResourcePath& path) const;
  [[nodiscard]] kube::Answer<> authorize(const ApiRequest& request, const ResourcePath& path,
                                         std::string_view verb) const;
  kube::Answer<Reply> answer_meta(const ApiRequest& request) const;
  kube::Answer<Reply> list(const ApiRequest& request, const ApiTarget& target);
  kube::Answer<Reply> review(const ApiRequest& request, const ApiTarget& target, json::object body) const;
  kube::Answer<Reply> issue_token(const ApiRequest& request, const ApiTarget& target) const;
  /// What is asked of a write beside the right to it.
  [[nodiscard]] Check check_of(const ApiRequest& request, const ApiTarget& target) const;
  Task<kube::Answer<Reply>> create(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> update(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> remove(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> remove_collection(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> bind(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> evict(const ApiRequest& request, const ApiTarget& target);
  Task<kube::Answer<Reply>> answer_resource(const ApiRequest& request, const ResourcePath& path);
  /// `duplicates`: keys that stand twice, where they matter.
  kube::Answer<json::object> body_of(const ApiRequest& request,
                                     std::vector<std::string>* duplicates = nullptr) const;
  kube::Answer<Registry::Change> change_of(const ApiRequest& request, const ApiTarget& target,
                                           WriteOptions& options, Author& author) const;

  Registry& registry_;
  const Access& access_;
  Discovery discovery_;
  kube::OpenApi openapi_;
  std::string version_;
  std::function<std::string()> metrics_;
  const Health* health_ = nullptr;
};

}  // namespace podwire::server
