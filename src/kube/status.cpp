#include "kube/status.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

namespace podwire::kube {
namespace {

namespace json = boost::json;

std::unexpected<Status> refuse(int code, std::string_view reason, std::string message) {
  return std::unexpected(Status{.code = code, .reason = std::string(reason), .message = std::move(message)});
}

std::unexpected<Status> refuse(int code, std::string_view reason, const GroupResource& of,
                               std::string_view name, std::string message) {
  return std::unexpected(Status{.code = code,
                                .reason = std::string(reason),
                                .message = std::move(message),
                                .name = std::string(name),
                                .group = of.group,
                                .kind = of.resource});
}

void put(json::object& out, std::string_view key, std::string_view text) {
  if (!text.empty()) out[key] = text;
}

json::object details_of(const Status& s) {
  json::object out;
  put(out, "name", s.name);
  put(out, "group", s.group);
  put(out, "kind", s.kind);
  put(out, "uid", s.uid);
  if (!s.causes.empty()) {
    json::array causes;
    for (const auto& cause : s.causes) {
      json::object one;
      put(one, "reason", cause.reason);
      put(one, "message", cause.message);
      put(one, "field", cause.field);
      causes.push_back(std::move(one));
    }
    out["causes"] = std::move(causes);
  }
  if (s.retry_after_seconds > 0) out["retryAfterSeconds"] = s.retry_after_seconds;
  return out;
}

json::object head(std::string_view status) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", status}};
}

}  // namespace

json::object to_json(const Status& status) {
  auto out = head("Failure");
  put(out, "message", status.message);
  put(out, "reason", status.reason);
  if (auto details = details_of(status); !details.empty()) out["details"] = std::move(details);
  out["code"] = status.code;
  return out;
}

json::object success(const GroupResource& of, std::string_view name, std::string_view uid) {
  auto out = head("Success");
  json::object details;
  put(details, "name", name);
  put(details, "group", of.group);
  put(details, "kind", of.resource);
  put(details, "uid", uid);
  out["details"] = std::move(details);
  return out;
}

std::unexpected<Status> bad_request(std::string message) {
  return refuse(400, "BadRequest", std::move(message));
}

std::unexpected<Status> unauthorized() { return refuse(401, "Unauthorized", "Unauthorized"); }

std::unexpected<Status> forbidden(const GroupResource& of, std::string_view name, std::string_view why) {
  return refuse(403, "Forbidden", of, name,
                name.empty() ? fmt::format("{} is forbidden: {}", of.str(), why)
                             : fmt::format("{} \"{}\" is forbidden: {}", of.str(), name, why));
}

std::unexpected<Status> not_found(const GroupResource& of, std::string_view name) {
  return refuse(404, "NotFound", of, name, fmt::format("{} \"{}\" not found", of.str(), name));
}

std::unexpected<Status> no_such_resource() {
  return refuse(404, "NotFound", "the server could not find the requested resource");
}

std::unexpected<Status> method_not_allowed() {
  return refuse(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

std::unexpected<Status> not_acceptable(std::string_view accepted) {
  return refuse(406, "NotAcceptable",
                fmt::format("only the following media types are accepted: {}", accepted));
}

std::unexpected<Status> already_exists(const GroupResource& of, std::string_view name) {
  return refuse(409, "AlreadyExists", of, name, fmt::format("{} \"{}\" already exists", of.str(), name));
}

std::unexpected<Status> conflict(const GroupResource& of, std::string_view name, std::string_view why) {
  return refuse(409, "Conflict", of, name,
                fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", of.str(), name, why));
}

std::unexpected<Status> modified_since(const GroupResource& of, std::string_view name) {
  return conflict(
      of, name,
      "the object has been modified; please apply your changes to the latest version and try again");
}

std::unexpected<Status> expired(std::string message) { return refuse(410, "Expired", std::move(message)); }

std::unexpected<Status> unsupported_media_type() {
  return refuse(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: application/json, "
      "application/vnd.kubernetes.protobuf");
}

std::unexpected<Status> too_many_requests(std::string message, int retry_after_seconds) {
  return std::unexpected(Status{.code = 429,
                                .reason = "TooManyRequests",
                                .message = std::move(message),
                                .retry_after_seconds = retry_after_seconds});
}

std::unexpected<Status> internal_error(std::string_view why) {
  return refuse(500, "InternalError", fmt::format("Internal error occurred: {}", why));
}

}  // namespace podwire::kube
