#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/clock.h"
#include "http/client.h"
#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::client {

namespace json = kube::json;
using http::Task;

/// An object, or with an empty name a collection. Resources are called as everywhere in podwire: "pods",
/// "replicasets.apps".
struct ObjectPath {
  std::string resource, namespace_, name, subresource;
};

struct ListOptions {
  std::string label_selector, field_selector;
  std::string resource_version, resource_version_match;
  std::string continue_token;
  std::uint64_t limit = 0;
  bool metadata_only = false;  ///< PartialObjectMetadataList
};

struct DeleteOptions {
  std::string uid, resource_version;  ///< preconditions, where not empty
  std::optional<std::int64_t> grace_seconds;
  std::string propagation;  ///< "": the server's default
};

enum class PatchType : std::uint8_t { json, merge, strategic, apply };

/// The Kubernetes API for programs: one call a request, objects as JSON. Any kube-apiserver will do. A
/// request that a server asks to be sent again (429, 503, 504 with Retry-After) is, a few times. Refusals are
/// the server's Status; where there was no answer (or none that makes sense) the Status has code 0 and a
/// sentence as its message. Holds no state but its references: cheap to copy.
class Api {
 public:
  /// `user_agent` begins with the name that managedFields will show: "podwire-agent/1.0".
  Api(http::Client& http, const kube::Schema& schema, std::string user_agent, Clock& clock = Clock::real());

  Task<kube::Answer<json::object>> get(ObjectPath path) const;
  /// One page; metadata.continue is the caller's to follow.
  Task<kube::Answer<json::object>> list(ObjectPath collection, ListOptions options) const;
  /// POST to the collection of `path`, or to its subresource when it has a name ("binding").
  Task<kube::Answer<json::object>> create(ObjectPath path, json::object object) const;
  Task<kube::Answer<json::object>> replace(ObjectPath path, json::object object) const;
  /// `manager` and `force` matter for PatchType::apply only.
  Task<kube::Answer<json::object>> patch(ObjectPath path, json::value patch,
                                         PatchType type = PatchType::merge, std::string manager = "",
                                         bool force = false) const;
  /// The object's last state, or a Status "Success".
  Task<kube::Answer<json::object>> remove(ObjectPath path, DeleteOptions options) const;

  /// The request line's target without its query; for those that stream (reflectors, logs). nullopt: no such
  /// resource.
  [[nodiscard]] std::optional<std::string> target(const ObjectPath& path) const;
  [[nodiscard]] http::Client& http() const { return *http_; }
  [[nodiscard]] const std::string& user_agent() const { return user_agent_; }
  [[nodiscard]] Clock& clock() const { return *clock_; }

 private:
  /// `target` nullopt: what a server says of a resource that it does not have.
  Task<kube::Answer<json::object>> request(std::string method, std::optional<std::string> target,
                                           std::string accept, std::string content_type,
                                           std::string body) const;

  http::Client* http_;
  const kube::Schema* schema_;
  std::string user_agent_;
  Clock* clock_;
};

}  // namespace podwire::client
