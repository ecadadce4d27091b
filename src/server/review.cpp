#include <algorithm>

#include "kube/codec/decode.h"
#include "kube/json.h"
#include "server/api.h"

namespace podwire::server {
namespace {

using kube::text_in;

/// What a review's spec asks about.
bool allowed(const Rbac& rbac, const User& user, const json::object& spec) {
  if (const auto* r = kube::object_in(spec, "resourceAttributes"))
    return rbac.allows({.user = user,
                        .verb = text_in(*r, "verb"),
                        .group = text_in(*r, "group"),
                        .resource = text_in(*r, "resource"),
                        .subresource = text_in(*r, "subresource"),
                        .ns = text_in(*r, "namespace"),
                        .name = text_in(*r, "name"),
                        .path = {}});
  if (const auto* n = kube::object_in(spec, "nonResourceAttributes"))
    return rbac.allows({.user = user,
                        .verb = text_in(*n, "verb"),
                        .group = {},
                        .resource = {},
                        .subresource = {},
                        .ns = {},
                        .name = {},
                        .path = text_in(*n, "path")});
  return false;
}

User user_of(const json::object& spec) {
  User out{
      .name = std::string(text_in(spec, "user")), .uid = std::string(text_in(spec, "uid")), .groups = {}};
  if (const auto* groups = kube::array_in(spec, "groups"))
    for (const auto& group : *groups)
      if (const auto* text = group.if_string()) out.groups.emplace_back(*text);
  return out;
}

json::object described(const User& user) {
  json::object out{{"username", user.name}, {"groups", json::array(user.groups.begin(), user.groups.end())}};
  if (!user.uid.empty()) out["uid"] = user.uid;
  return out;
}

}  // namespace

/// Kinds that are only posted: the answer is the question with its status filled in.
kube::Answer<Reply> Api::review(const ApiRequest& request, const ApiTarget& target, json::object body) const {
  auto warnings = TRY(kube::check_fields(*target.resource, body, kube::FieldValidation::warn));
  static const json::object kNone;
  const auto* found = kube::object_in(body, "spec");
  const auto& spec = found != nullptr ? *found : kNone;
  const auto& kind = target.resource->kind;
  json::object status;
  if (kind == "SelfSubjectAccessReview") {
    status["allowed"] = allowed(rbac_, request.user, spec);
  } else if (kind == "SubjectAccessReview" || kind == "LocalSubjectAccessReview") {
    status["allowed"] = allowed(rbac_, user_of(spec), spec);
  } else if (kind == "SelfSubjectRulesReview") {
    status = rbac_.rules_for(request.user, text_in(spec, "namespace"));
  } else if (kind == "SelfSubjectReview") {
    status["userInfo"] = described(request.user);
  } else {
    return kube::method_not_allowed();
  }
  body["status"] = std::move(status);
  auto reply = reply_of(body, 201);
  reply.warnings = std::move(warnings);
  return reply;
}

}  // namespace podwire::server
