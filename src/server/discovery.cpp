#include "server/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <vector>

#include "kube/subresource.h"

namespace podwire::server {
namespace {

using kube::Resource;

json::array list_of(const std::vector<std::string>& names) { return json::array(names.begin(), names.end()); }

json::array views(const std::vector<std::string_view>& names) {
  json::array out;
  for (const auto name : names) out.emplace_back(name);
  return out;
}

json::array verbs_of(kube::Subresource::Use use) {
  using Use = kube::Subresource::Use;
  switch (use) {
    case Use::read_write:
      return views({"get", "patch", "update"});
    case Use::write:
      return views({"update"});
    case Use::create:
      return views({"create"});
    case Use::text:
      return views({"get"});
    case Use::connect:
      return views({"create", "get"});
  }
  return {};
}

json::array verbs_of(const Resource& r) {
  if (!r.stored) return views({"create"});
  if (r.plural == "namespaces") return views({"create", "delete", "get", "list", "patch", "update", "watch"});
  return views({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"});
}

json::object named_version(std::string_view group, std::string_view version) {
  return {{"groupVersion", fmt::format("{}/{}", group, version)}, {"version", version}};
}

json::object group_object(const Resource& any) {
  const auto version = named_version(any.group, any.version);
  return {{"name", any.group}, {"versions", json::array{version}}, {"preferredVersion", version}};
}

json::object response_kind(const kube::KindName& k) {
  return {{"group", k.group}, {"version", k.version}, {"kind", k.kind}};
}

/// One resource of an APIResourceList, and its subresources behind it.
void put_legacy(json::array& out, const Resource& r) {
  json::object self{{"name", r.plural},
                    {"singularName", r.singular},
                    {"namespaced", r.namespaced},
                    {"kind", r.kind},
                    {"verbs", verbs_of(r)}};
  if (!r.short_names.empty()) self["shortNames"] = list_of(r.short_names);
  if (!r.categories.empty()) self["categories"] = list_of(r.categories);
  out.push_back(std::move(self));
  for (const auto& name : r.subresources) {
    const auto& sub = kube::subresource_named(name);
    const auto kind = kube::spoken_kind(r, sub);
    json::object entry{{"name", fmt::format("{}/{}", r.plural, name)},
                       {"singularName", ""},
                       {"namespaced", r.namespaced},
                       {"kind", kind.kind},
                       {"verbs", verbs_of(sub.use)}};
    if (kind.group != r.group || kind.version != r.version) {
      entry["group"] = kind.group;
      entry["version"] = kind.version;
    }
    out.push_back(std::move(entry));
  }
}

json::object aggregated_resource(const Resource& r) {
  json::object out{{"resource", r.plural},
                   {"responseKind", response_kind({r.group, r.version, r.kind})},
                   {"scope", r.namespaced ? "Namespaced" : "Cluster"},
                   {"singularResource", r.singular},
                   {"verbs", verbs_of(r)}};
  if (!r.short_names.empty()) out["shortNames"] = list_of(r.short_names);
  if (!r.categories.empty()) out["categories"] = list_of(r.categories);
  json::array subresources;
  for (const auto& name : r.subresources) {
    const auto& sub = kube::subresource_named(name);
    subresources.push_back({{"subresource", name},
                            {"responseKind", response_kind(kube::spoken_kind(r, sub))},
                            {"verbs", verbs_of(sub.use)}});
  }
  if (!subresources.empty()) out["subresources"] = std::move(subresources);
  return out;
}

}  // namespace

Discovery::Discovery(const kube::Schema& schema, std::string_view server_address)
    : schema_(&schema), server_address_(server_address) {}

json::object Discovery::core_versions() const {
  return {{"kind", "APIVersions"},
          {"versions", views({"v1"})},
          {"serverAddressByClientCIDRs",
           json::array{json::object{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", server_address_}}}}};
}

json::object Discovery::groups() const {
  json::array out;
  std::vector<std::string_view> seen{""};
  for (const auto& r : schema_->resources()) {
    if (!r.has_path || std::ranges::find(seen, r.group) != seen.end()) continue;
    seen.push_back(r.group);
    out.push_back(group_object(r));
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(out)}};
}

json::object Discovery::group(std::string_view name) const {
  for (const auto& r : schema_->resources()) {
    if (name.empty() || r.group != name || !r.has_path) continue;
    auto out = group_object(r);
    out["kind"] = "APIGroup";
    out["apiVersion"] = "v1";
    return out;
  }
  return {};
}

json::object Discovery::resources(std::string_view group, std::string_view version) const {
  json::array out;
  for (const auto& r : schema_->resources())
    if (r.has_path && r.group == group && r.version == version) put_legacy(out, r);
  if (out.empty()) return {};
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", group.empty() ? std::string(version) : fmt::format("{}/{}", group, version)},
          {"resources", std::move(out)}};
}

json::object Discovery::aggregated(bool core) const {
  json::array items;
  std::vector<std::string_view> groups;
  for (const auto& r : schema_->resources()) {
    if (!r.has_path || r.group.empty() != core) continue;
    auto at = std::ranges::find(groups, r.group);
    if (at == groups.end()) {
      json::object one{{"version", r.version}, {"resources", json::array()}, {"freshness", "Current"}};
      items.push_back({{"metadata", {{"name", r.group}, {"creationTimestamp", nullptr}}},
                       {"versions", json::array{std::move(one)}}});
      groups.push_back(r.group);
      at = groups.end() - 1;
    }
    auto& item = items[static_cast<std::size_t>(at - groups.begin())].get_object();
    item["versions"].get_array()[0].get_object()["resources"].get_array().push_back(aggregated_resource(r));
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/v2"},
          {"metadata", json::object()},
          {"items", std::move(items)}};
}

}  // namespace podwire::server
