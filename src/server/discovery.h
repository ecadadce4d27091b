#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "kube/schema.h"

namespace podwire::server {

namespace json = boost::json;

/// What GETs outside the resources answer: the API's table of contents, from the schema alone, in both forms
/// that clients read. Each group has one version.
class Discovery {
 public:
  /// `server_address`: HOST:PORT as clients reach it.
  Discovery(const kube::Schema& schema, std::string_view server_address);

  [[nodiscard]] json::object core_versions() const;  ///< GET /api: meta/v1 APIVersions
  [[nodiscard]] json::object groups() const;         ///< GET /apis: meta/v1 APIGroupList
  /// GET /apis/GROUP: meta/v1 APIGroup; empty: there is no such group.
  [[nodiscard]] json::object group(std::string_view name) const;
  /// GET /api/v1, /apis/GROUP/VERSION: meta/v1 APIResourceList; empty: there is no such version.
  [[nodiscard]] json::object resources(std::string_view group, std::string_view version) const;
  /// apidiscovery.k8s.io/v2 APIGroupDiscoveryList: of the core group (GET /api), or of all others (GET
  /// /apis).
  [[nodiscard]] json::object aggregated(bool core) const;

 private:
  const kube::Schema* schema_;
  std::string server_address_;
};

}  // namespace podwire::server
