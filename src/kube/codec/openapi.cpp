#include "kube/codec/openapi.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "kube/codec/openapi_paths.h"
#include "kube/codec/openapi_schemas.h"
#include "kube/json.h"

namespace podwire::kube {
namespace {

/// "api/v1", "apis/apps/v1".
std::string group_version_of(const Resource& r) {
  return fmt::format("{}/{}", r.group.empty() ? "api" : "apis", r.api_version());
}

}  // namespace

std::string OpenApi::index() const {
  std::call_once(index_made_, [this] {
    json::object paths;
    for (const auto& r : schema_.resources()) {
      const auto name = group_version_of(r);
      if (!r.has_path || paths.contains(name)) continue;
      const auto hash = stable_hash(document(name));
      paths[name] = {{"serverRelativeURL", fmt::format("/openapi/v3/{}?hash={:016X}", name, hash)}};
    }
    index_ = json::serialize(json::object{{"paths", std::move(paths)}});
  });
  return index_;
}

std::string OpenApi::document(std::string_view group_version) const {
  OpenApiSchemas schemas(schema_);
  json::object paths;
  std::string_view version;
  for (const auto& r : schema_.resources()) {
    if (!r.has_path || group_version_of(r) != group_version) continue;
    version = r.version;
    put_openapi_paths(r, schema_, schemas, paths);
  }
  if (paths.empty()) return {};
  return json::serialize(json::object{{"openapi", "3.0.0"},
                                      {"info", {{"title", "Kubernetes"}, {"version", version}}},
                                      {"paths", std::move(paths)},
                                      {"components", {{"schemas", std::move(schemas).take()}}}});
}

}  // namespace podwire::kube
