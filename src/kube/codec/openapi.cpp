#include "kube/codec/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "kube/codec/openapi_paths.h"
#include "kube/codec/openapi_schemas.h"

namespace podwire::kube {
namespace {

std::string path_of(const Resource& r) {
  return r.group.empty() ? "api/" + r.version : fmt::format("apis/{}/{}", r.group, r.version);
}

}  // namespace

std::string OpenApi::document(std::string_view group_version) const {
  OpenApiSchemas schemas(schema_);
  std::string paths;
  for (const auto& r : schema_.resources()) {
    if (path_of(r) != group_version || !has_own_path(r)) continue;
    if (!paths.empty()) paths += ',';
    paths += openapi_paths(schema_, r, schemas);
  }
  if (paths.empty()) return {};
  return fmt::format(R"({{"openapi":"3.0.0","info":{{"title":"podwire","version":"unversioned"}},)"
                     R"("components":{{"schemas":{{{}}}}},"paths":{{{}}}}})",
                     schemas.take_text(), paths);
}

const std::string& OpenApi::index() const {
  std::call_once(index_made_, [&] {
    std::vector<std::string> names;
    for (const auto& r : schema_.resources())
      if (has_own_path(r) && std::ranges::find(names, path_of(r)) == names.end()) names.push_back(path_of(r));
    for (const auto& name : names)
      index_ += fmt::format(R"({}"{}":{{"serverRelativeURL":"/openapi/v3/{}?hash={:016X}"}})",
                            index_.empty() ? "" : ",", name, name, stable_hash(document(name)));
    index_ = fmt::format(R"({{"paths":{{{}}}}})", index_);
  });
  return index_;
}

}  // namespace podwire::kube
