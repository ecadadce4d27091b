#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "kube/codec/decode.h"
#include "kube/codec/json_reader.h"
#include "kube/codec/protobuf.h"
#include "kube/json.h"
#include "kube/patch/apply.h"
#include "kube/patch/json_patch.h"
#include "kube/patch/merge_patch.h"
#include "kube/patch/strategic.h"
#include "server/api.h"
#include "server/scale.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;

/// "kubectl/v1.35.2 (linux/amd64) kubernetes/1234" writes as "kubectl" where it does not say who it is.
std::string manager_of(const WriteOptions& options, const ApiRequest& request) {
  if (!options.field_manager.empty()) return options.field_manager;
  const auto name = request.user_agent.substr(0, request.user_agent.find('/'));
  return name.empty() ? "unknown" : name;
}

bool answers_with_object(const kube::Resource& r) {
  return r.group.empty() && (r.plural == "pods" || r.plural == "services" || r.plural == "namespaces");
}

bool has_status(const kube::Resource& r) {
  return std::ranges::find(r.subresources, "status") != r.subresources.end();
}

/// From the live object to the patched one.
Answer<json::object> patched(BodyType type, const kube::Message& message, const json::object& live,
                             const json::value& patch) {
  if (type == BodyType::json_patch) {
    auto out = TRY(kube::apply_json_patch(live, patch));
    if (!out.is_object()) return kube::bad_request("the patch leaves no object");
    return std::move(out.get_object());
  }
  const auto* object = patch.if_object();
  if (object == nullptr) return kube::bad_request("a patch of this type is an object");
  if (type == BodyType::strategic_patch) return kube::apply_strategic_patch(message, live, *object);
  json::value out = live;
  kube::apply_merge_patch(out, patch);
  if (!out.is_object()) return kube::bad_request("the patch leaves no object");
  return std::move(out.get_object());
}

}  // namespace

Answer<json::object> Api::body_of(const ApiRequest& request, std::vector<std::string>* duplicates) const {
  const auto type = TRY(body_type(request.content_type));
  if (type == BodyType::protobuf) return kube::from_protobuf(registry_.schema(), request.body);
  if (type != BodyType::json) return kube::unsupported_media_type();
  return kube::parse_body(request.body, duplicates);
}

Answer<Registry::Change> Api::change_of(const ApiRequest& request, const ApiTarget& target,
                                        WriteOptions& options, Author& author) const {
  const auto& message = *target.resource->message;
  if (request.method == "PUT") {
    auto body = TRY(body_of(request, &options.duplicates));
    if (target.path.subresource == "scale") return replace_scale(*target.resource, body);
    return Registry::Change([body](const json::object*) -> Answer<json::object> { return body; });
  }
  const auto type = TRY(body_type(request.content_type));
  if (type == BodyType::json || type == BodyType::protobuf) return kube::unsupported_media_type();
  auto patch = TRY(kube::parse_json(request.body)).value;
  if (type == BodyType::apply_patch) {
    auto config = patch.if_object() != nullptr ? std::move(patch.get_object()) : json::object();
    if (options.field_manager.empty())
      return kube::bad_request(
          "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply "
          "patch");
    author.apply = true;
    const auto* resource = target.resource;
    if (target.path.subresource.empty() && has_status(*resource))
      config.erase("status");  // nobody owns it from here
    TRY(kube::check_config(*resource, config, options.field_validation));
    const kube::Writer writer{.manager = author.manager,
                              .subresource = target.path.subresource,
                              .api_version = resource->api_version(),
                              .now = registry_.world().now()};
    return Registry::Change([config, writer, resource, force = options.force](const json::object* live) {
      return kube::apply_config(*resource->message, live, config, writer, force);
    });
  }
  if (target.path.subresource == "scale")
    return change_scale(*target.resource, [type, patch](const json::object& scale) -> Answer<json::object> {
      static const kube::Message& kScale = *kube::Schema::builtin().kind("autoscaling/v1", "Scale")->message;
      return patched(type, kScale, scale, patch);
    });
  return Registry::Change(
      [type, patch, &message](const json::object* live) { return patched(type, message, *live, patch); });
}

Task<Answer<Reply>> Api::create(const ApiRequest& request, const ApiTarget& target) {
  auto options = write_options(request.query);
  if (!options) co_return std::unexpected(options.error());
  auto body = body_of(request, &options->duplicates);
  if (!body) co_return std::unexpected(body.error());
  if (!target.resource->stored) co_return review(request, target, std::move(*body));
  Author author{.manager = manager_of(*options, request), .check = check_of(request, target)};
  auto written =
      co_await registry_.create(*target.resource, target.place(), std::move(*body), author, *options);
  if (!written) co_return std::unexpected(written.error());
  co_return Reply{.code = 201,
                  .body = target.encoding.object(*written->object, registry_.world().now()),
                  .warnings = std::move(written->warnings)};
}

Task<Answer<Reply>> Api::update(const ApiRequest& request, const ApiTarget& target) {
  auto options = write_options(request.query);
  if (!options) co_return std::unexpected(options.error());
  Author author{.manager = manager_of(*options, request), .check = check_of(request, target)};
  auto change = change_of(request, target, *options, author);
  if (!change) co_return std::unexpected(change.error());
  const bool scale = target.path.subresource == "scale";
  auto written = co_await registry_.update(*target.resource, target.place(),
                                           scale ? std::string() : target.path.subresource,
                                           std::move(*change), author, *options, author.apply);
  if (!written) co_return std::unexpected(written.error());
  Reply reply{.code = written->created ? 201 : 200, .warnings = std::move(written->warnings)};
  reply.body = scale ? json::serialize(scale_of(*target.resource, parse_stored(*written->object)))
                     : target.encoding.object(*written->object, registry_.world().now());
  co_return reply;
}

Task<Answer<Reply>> Api::remove(const ApiRequest& request, const ApiTarget& target) {
  DeleteOptions options;
  if (!request.body.empty()) {
    auto body = body_of(request);
    if (!body) co_return std::unexpected(body.error());
    auto parsed = delete_options(*body);
    if (!parsed) co_return std::unexpected(parsed.error());
    options = std::move(*parsed);
  }
  if (parameter(request.query, "dryRun") == "All") options.dry_run = true;
  auto removed =
      co_await registry_.remove(*target.resource, target.place(), options, check_of(request, target));
  if (!removed) co_return std::unexpected(removed.error());
  if (removed->gone && !answers_with_object(*target.resource))
    co_return reply_of(kube::success(group_resource(*target.resource), target.path.name,
                                     text_in(parse_stored(*removed->object), "metadata", "uid")));
  co_return Reply{.body = target.encoding.object(*removed->object, registry_.world().now())};
}

Task<Answer<Reply>> Api::remove_collection(const ApiRequest& request, const ApiTarget& target) {
  const auto listing = list_options(request.query);
  if (!listing) co_return std::unexpected(listing.error());
  const auto selection = selection_of(*target.resource, target.path.ns, *listing);
  if (!selection) co_return std::unexpected(selection.error());
  const auto page =
      registry_.store().list({.resource = selection->resource,
                              .ns = selection->ns,
                              .after = std::nullopt,
                              .matches = [&](const Object& o) { return selection->matches(o); }});
  if (!page) co_return kube::internal_error("the newest revision cannot be read");
  ApiTarget one = target;
  for (const auto& item : page->items) {
    one.path.ns = item->key.ns;
    one.path.name = item->key.name;
    auto gone = co_await remove(request, one);
    if (!gone && gone.error().code != 404) co_return gone;
  }
  Reply reply;
  ListStream(target.encoding, *page, "", registry_.world().now()).fill(reply.body, std::string::npos);
  co_return reply;
}

Task<Answer<Reply>> Api::answer_resource(const ApiRequest& request, const ResourcePath& path) {
  const auto verb = verb_of(request.method, path, false);
  if (verb.empty()) co_return kube::method_not_allowed();
  const auto allowed = authorize(request, path, verb);
  if (!allowed) co_return std::unexpected(allowed.error());
  auto target = target_of(request, path);
  if (!target) co_return std::unexpected(target.error());
  if (!target->resource->stored && request.method != "POST") co_return kube::method_not_allowed();
  const auto& sub = path.subresource;
  if (verb == "get" && (sub.empty() || sub == "status" || sub == "scale")) {
    const auto found = registry_.get(*target->resource, target->place());
    if (!found) co_return std::unexpected(found.error());
    if (sub == "scale") co_return reply_of(scale_of(*target->resource, parse_stored(**found)));
    co_return Reply{.body = target->encoding.object(**found, registry_.world().now())};
  }
  if (verb == "list") co_return list(request, *target);
  if (verb == "create" && (sub == "binding" || (path.resource == "bindings" && path.name.empty()))) {
    auto reply = co_await bind(request, *target);
    co_return reply;
  }
  if (verb == "create" && sub == "token") co_return issue_token(request, *target);
  if (verb == "create" && sub.empty() && path.name.empty()) {
    auto reply = co_await create(request, *target);
    co_return reply;
  }
  if (verb == "create" && sub == "eviction") {
    auto reply = co_await evict(request, *target);
    co_return reply;
  }
  if ((verb == "update" || verb == "patch") &&
      (sub.empty() || sub == "status" || sub == "scale" || sub == "finalize")) {
    auto reply = co_await update(request, *target);
    co_return reply;
  }
  if (verb == "delete" && sub.empty()) {
    auto reply = co_await remove(request, *target);
    co_return reply;
  }
  if (verb == "deletecollection") {
    auto reply = co_await remove_collection(request, *target);
    co_return reply;
  }
  co_return kube::method_not_allowed();
}

}  // namespace podwire::server
