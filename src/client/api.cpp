#include "client/api.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "client/refusal.h"
#include "http/url.h"

namespace podwire::client {
namespace {

using namespace std::chrono_literals;

constexpr int kTries = 5;
constexpr auto kLongestWait = 10s;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMetadataList =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

std::string_view media_type(PatchType type) {
  switch (type) {
    case PatchType::json:
      return "application/json-patch+json";
    case PatchType::merge:
      return "application/merge-patch+json";
    case PatchType::strategic:
      return "application/strategic-merge-patch+json";
    case PatchType::apply:
      return "application/apply-patch+yaml";  // whose body may be JSON, as YAML may
  }
  return kJson;
}

/// nullopt: the server does not ask for the request to be sent again.
std::optional<std::chrono::seconds> asked_to_wait(const http::Reply& reply) {
  if (reply.status != 429 && reply.status != 503 && reply.status != 504) return std::nullopt;
  const auto text = reply.header("Retry-After");
  int seconds = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (wrong != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::clamp<std::chrono::seconds>(std::chrono::seconds(seconds), 0s, kLongestWait);
}

kube::Answer<json::object> understood(const http::Call& call, const http::Reply& reply) {
  if (reply.status < 200 || reply.status > 299)
    return std::unexpected(refusal_from(reply.status, reply.body));
  if (reply.body.empty()) return json::object();
  auto value = parsed(reply.body);
  if (!value || !value->is_object())
    return std::unexpected(no_answer(call.method + " " + call.target + ": the answer is no JSON object"));
  return std::move(value->get_object());
}

/// What a path without its resource gets: the words of a server that does not know it.
kube::Status unknown_resource() { return kube::no_such_resource().error(); }

json::object delete_body(const DeleteOptions& options) {
  json::object out{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}};
  if (options.grace_seconds) out["gracePeriodSeconds"] = *options.grace_seconds;
  if (!options.propagation.empty()) out["propagationPolicy"] = options.propagation;
  json::object preconditions;
  if (!options.uid.empty()) preconditions["uid"] = options.uid;
  if (!options.resource_version.empty()) preconditions["resourceVersion"] = options.resource_version;
  if (!preconditions.empty()) out["preconditions"] = std::move(preconditions);
  return out;
}

}  // namespace

Api::Api(http::Client& http, const kube::Schema& schema, std::string user_agent, Clock& clock)
    : http_(&http), schema_(&schema), user_agent_(std::move(user_agent)), clock_(&clock) {}

std::optional<std::string> Api::target(const ObjectPath& path) const {
  const std::string_view name = path.resource;
  const auto dot = name.find('.');
  const auto plural = name.substr(0, dot);
  const auto group = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  const auto& all = schema_->resources();
  const auto resource = std::ranges::find_if(
      all, [&](const kube::Resource& r) { return r.plural == plural && r.group == group; });
  if (resource == all.end()) return std::nullopt;
  auto out = (group.empty() ? "/api/" : "/apis/") + resource->api_version();
  if (resource->namespaced && !path.namespace_.empty())
    out += "/namespaces/" + http::percent_encoded(path.namespace_);
  out += "/" + resource->plural;
  if (!path.name.empty()) out += "/" + http::percent_encoded(path.name);
  if (!path.subresource.empty()) out += "/" + path.subresource;
  return out;
}

Task<kube::Answer<json::object>> Api::request(std::string method, std::optional<std::string> target,
                                              std::string accept, std::string content_type,
                                              std::string body) const {
  if (!target) co_return std::unexpected(unknown_resource());
  http::Call call{.method = std::move(method), .target = std::move(*target), .body = std::move(body)};
  call.headers = {{"Accept", std::move(accept)}, {"User-Agent", user_agent_}};
  if (!content_type.empty()) call.headers.emplace_back("Content-Type", std::move(content_type));
  for (int left = kTries;; --left) {
    auto copy = call;
    const auto reply = co_await http_->send(std::move(copy));
    if (!reply) co_return std::unexpected(no_answer(reply.error().message()));
    const auto wait = asked_to_wait(*reply);
    if (!wait || left <= 1) co_return understood(call, *reply);
    co_await clock_->sleep(*wait);
  }
}

Task<kube::Answer<json::object>> Api::get(ObjectPath path) const {
  return request("GET", target(path), std::string(kJson), "", "");
}

Task<kube::Answer<json::object>> Api::list(ObjectPath collection, ListOptions options) const {
  collection.name.clear();
  http::Query query;
  query.add_if_any("labelSelector", options.label_selector)
      .add_if_any("fieldSelector", options.field_selector)
      .add_if_any("resourceVersion", options.resource_version)
      .add_if_any("resourceVersionMatch", options.resource_version_match)
      .add_if_any("continue", options.continue_token);
  if (options.limit > 0) query.add("limit", options.limit);
  auto where = target(collection);
  if (where) where = query.of(*where);
  return request("GET", std::move(where), std::string(options.metadata_only ? kMetadataList : kJson), "", "");
}

Task<kube::Answer<json::object>> Api::create(ObjectPath path, json::object object) const {
  if (path.subresource.empty()) path.name.clear();
  return request("POST", target(path), std::string(kJson), std::string(kJson), json::serialize(object));
}

Task<kube::Answer<json::object>> Api::replace(ObjectPath path, json::object object) const {
  return request("PUT", target(path), std::string(kJson), std::string(kJson), json::serialize(object));
}

Task<kube::Answer<json::object>> Api::patch(ObjectPath path, json::value patch, PatchType type,
                                            std::string manager, bool force) const {
  http::Query query;
  if (type == PatchType::apply) {
    query.add("fieldManager", manager);
    if (force) query.add("force", "true");
  }
  auto where = target(path);
  if (where) where = query.of(*where);
  return request("PATCH", std::move(where), std::string(kJson), std::string(media_type(type)),
                 json::serialize(patch));
}

Task<kube::Answer<json::object>> Api::remove(ObjectPath path, DeleteOptions options) const {
  return request("DELETE", target(path), std::string(kJson), std::string(kJson),
                 json::serialize(delete_body(options)));
}

}  // namespace podwire::client
