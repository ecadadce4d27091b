#include "server/api.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "kube/codec/protobuf.h"
#include "kube/json.h"
#include "server/continue_token.h"
#include "server/list_stream.h"

namespace podwire::server {
namespace {

using kube::Answer;

Answer<RowObject> row_object(const Query& query) {
  const auto wanted = parameter(query, "includeObject");
  if (wanted.empty() || wanted == "Metadata") return RowObject::metadata;
  if (wanted == "Object") return RowObject::whole;
  if (wanted == "None") return RowObject::none;
  return kube::bad_request(fmt::format("includeObject: \"{}\" is none of None, Metadata, Object", wanted));
}

std::string_view first_segment(const ApiRequest& request) {
  return request.path.empty() ? std::string_view() : std::string_view(request.path.front());
}

/// Longer lists are sent in pieces.
constexpr std::size_t kWholeList = 1 << 20;
constexpr std::string_view kText = "text/plain; charset=utf-8";

Reply list_reply(std::shared_ptr<ListStream> list) {
  Reply out;
  if (list->estimate() > kWholeList)
    out.list = std::move(list);
  else
    list->fill(out.body, std::string::npos);
  return out;
}

}  // namespace

Reply reply_of(const json::object& object, int code) {
  return {.code = code, .body = json::serialize(object)};
}
Reply reply_of(const kube::Status& status) { return reply_of(kube::to_json(status), status.code); }

Api::Api(Registry& registry, const Access& access, std::string_view server_address, std::string version)
    : registry_(registry),
      access_(access),
      discovery_(registry.schema(), server_address),
      openapi_(registry.schema()),
      version_(std::move(version)) {}

Answer<> Api::authorize(const ApiRequest& request, const ResourcePath& path, std::string_view verb) const {
  std::string plain;
  if (path.resource.empty())
    for (const auto& segment : request.path) plain += "/" + segment;
  // One that cannot be read narrows nothing here, and is refused later.
  const auto fields = kube::FieldSelector::parse(kube::GroupResource{path.group, path.resource}.str(),
                                                 parameter(request.query, "fieldSelector"));
  const Attributes wanted{
      .user = request.user,
      .verb = verb,
      .group = path.group,
      .resource = path.resource,
      .subresource = path.subresource,
      .ns = path.resource == "namespaces" ? std::string_view(path.name) : std::string_view(path.ns),
      .name = path.name,
      .path = plain,
      .fields = fields ? &*fields : nullptr};
  const auto decision = access_.authorizer().decide(wanted);
  if (decision.allowed) return {};
  if (path.resource.empty())
    return std::unexpected(kube::Status{
        .code = 403, .reason = "Forbidden", .message = "forbidden: " + denial(wanted, decision.reason)});
  return kube::forbidden({path.group, path.resource}, path.name, denial(wanted, decision.reason));
}

Answer<ApiTarget> Api::target_of(const ApiRequest& request, const ResourcePath& path) const {
  const auto* resource = registry_.schema().resource(path.group, path.version, path.resource);
  if (resource == nullptr || !resource->has_path) return kube::no_such_resource();
  if (!resource->namespaced && !path.ns.empty()) return kube::no_such_resource();
  if (!path.subresource.empty() &&
      std::ranges::find(resource->subresources, path.subresource) == resource->subresources.end())
    return kube::no_such_resource();
  ApiTarget out{.resource = resource, .path = path};
  out.encoding = {.resource = resource,
                  .form = TRY(accepted_form(request.accept)),
                  .row_object = TRY(row_object(request.query))};
  return out;
}

/// What is no resource: discovery, OpenAPI, version, health.
Answer<Reply> Api::answer_meta(const ApiRequest& request) const {
  const auto& path = request.path;
  const auto first = first_segment(request);
  if (request.method != "GET" && request.method != "HEAD") return kube::method_not_allowed();
  if (health_ != nullptr && path.size() <= 2 &&
      (first == "healthz" || first == "livez" || first == "readyz")) {
    auto verdict = health_->ask(first, path.size() == 2 ? path[1] : std::string(), request.query);
    return Reply{.code = verdict.code, .body = std::move(verdict.text), .content_type = std::string(kText)};
  }
  if (first == "version" && path.size() == 1)
    return reply_of(json::object{{"major", "1"},
                                 {"minor", "35"},
                                 {"gitVersion", "v1.35.0+podwire." + version_},
                                 {"gitCommit", ""},
                                 {"gitTreeState", ""},
                                 {"buildDate", ""},
                                 {"goVersion", ""},
                                 {"compiler", ""},
                                 {"platform", "linux/amd64"}});
  TRY(authorize(request, {}, "get"));
  if (metrics_ && first == "metrics" && path.size() == 1)
    return Reply{.body = metrics_(), .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  const auto form = TRY(accepted_form(request.accept));
  if ((first == "api" || first == "apis") && path.size() == 1) {
    if (form == Form::discovery_v2) {
      auto reply = reply_of(discovery_.aggregated(first == "api"));
      reply.content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
      return reply;
    }
    return reply_of(first == "api" ? discovery_.core_versions() : discovery_.groups());
  }
  if (first == "apis" && path.size() == 2)
    if (auto group = discovery_.group(path[1]); !group.empty()) return reply_of(group);
  if (first == "openapi" && path.size() >= 2 && path[1] == "v3") {
    if (path.size() == 2) return Reply{.body = openapi_.index()};
    std::string group_version = path[2];
    for (std::size_t i = 3; i < path.size(); ++i) group_version += "/" + path[i];
    if (auto text = openapi_.document(group_version); !text.empty())
      return Reply{.body = std::move(text), .immutable = !parameter(request.query, "hash").empty()};
  }
  return kube::no_such_resource();
}

Answer<Reply> Api::list(const ApiRequest& request, const ApiTarget& target) {
  const auto options = TRY(list_options(request.query));
  const auto selection = TRY(selection_of(*target.resource, target.path.ns, options));
  ListQuery query{
      .resource = selection.resource, .ns = selection.ns, .after = std::nullopt, .limit = options.limit};
  if (!selection.is_all()) query.matches = [&selection](const Object& o) { return selection.matches(o); };
  if (!options.continue_token.empty()) {
    const auto token = TRY(decode_continue(options.continue_token));
    query.after = {token.ns, token.name};
    query.revision = token.revision;
  } else if (options.exact && options.resource_version) {
    query.revision = *options.resource_version;
  }
  auto page = registry_.store().list(query);
  if (!page)
    return kube::expired(options.continue_token.empty()
                             ? fmt::format("too old resource version: {}", query.revision)
                             : std::string("The provided continue parameter is too old to display a "
                                           "consistent list result. You can start a "
                                           "new list without the continue parameter."));
  std::string token;
  if (page->more)
    token = encode(ContinueToken{page->revision, page->items.back()->key.ns, page->items.back()->key.name});
  return list_reply(
      std::make_shared<ListStream>(target.encoding, std::move(*page), token, registry_.world().now()));
}

bool Api::is_watch(const ApiRequest& request) {
  if (request.method != "GET") return false;
  const auto path = resource_path(request.path);
  if (!path || path->resource.empty() || !path->subresource.empty()) return false;
  const auto options = list_options(request.query);
  const auto wanted = parameter(request.query, "watch");
  return options ? options->watch : wanted == "1" || wanted == "true";
}

Answer<std::unique_ptr<WatchStream>> Api::watch(const ApiRequest& request, std::function<void()> wake) {
  const auto path = resource_path(request.path);
  if (!path) return kube::no_such_resource();
  TRY(authorize(request, *path, "watch"));
  const auto target = TRY(target_of(request, *path));
  auto options = TRY(list_options(request.query));
  if (!path->name.empty()) options.field_selector = "metadata.name=" + path->name;
  auto selection = TRY(selection_of(*target.resource, path->ns, options));
  return WatchStream::open(registry_.store(), target.encoding, std::move(selection), options,
                           std::move(wake));
}

Task<Reply> Api::answer(ApiRequest request) {
  const auto path = resource_path(request.path);
  if (!path || path->resource.empty()) {
    // Discovery of one version stands where resources do.
    if (path && request.method == "GET") {
      const auto allowed = authorize(request, {}, "get");
      if (!allowed) co_return reply_of(allowed.error());
      const auto resources = discovery_.resources(path->group, path->version);
      if (!resources.empty()) co_return reply_of(resources);
    }
    auto reply = answer_meta(request);
    co_return reply ? std::move(*reply) : reply_of(reply.error());
  }
  auto reply = co_await answer_resource(request, *path);
  co_return reply ? std::move(*reply) : reply_of(reply.error());
}

}  // namespace podwire::server
