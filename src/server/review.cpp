#include "kube/codec/decode.h"
#include "kube/codec/defaults.h"
#include "kube/json.h"
#include "server/access_review.h"
#include "server/api.h"
#include "server/token_request.h"
#include "server/token_review.h"

namespace podwire::server {
namespace {

using kube::text_in;

kube::Answer<json::object> status_of(const Access& access, const ApiRequest& request, const ApiTarget& target,
                                     const json::object& review) {
  static const json::object kNone;
  const auto* found = kube::object_in(review, "spec");
  const auto& spec = found != nullptr ? *found : kNone;
  const auto& kind = target.resource->kind;
  if (kind == "SelfSubjectRulesReview") {
    const auto ns = text_in(spec, "namespace");
    if (ns.empty()) return kube::bad_request("no namespace on request");
    return access.authorizer().rules_for(request.user, ns);
  }
  if (kind == "SelfSubjectReview") return json::object{{"userInfo", user_info(request.user)}};
  if (kind == "TokenReview") return review_token(access, spec);
  if (kind.ends_with("SubjectAccessReview"))
    return review_access(access.authorizer(), request.user, kind, target.path.ns, review);
  return kube::method_not_allowed();
}

}  // namespace

/// Kinds that are only posted: the answer is the question with its status filled in.
kube::Answer<Reply> Api::review(const ApiRequest& request, const ApiTarget& target, json::object body) const {
  auto warnings = TRY(kube::check_fields(*target.resource, body, kube::FieldValidation::warn));
  body["status"] = TRY(status_of(access_, request, target, body));
  auto reply = reply_of(body, 201);
  reply.warnings = std::move(warnings);
  return reply;
}

kube::Answer<Reply> Api::issue_token(const ApiRequest& request, const ApiTarget& target) const {
  const auto& kind = *registry_.schema().kind("authentication.k8s.io/v1", "TokenRequest");
  auto body = TRY(body_of(request));
  auto warnings = TRY(kube::check_fields(kind, body, kube::FieldValidation::warn));
  if (!body.contains("spec")) body["spec"] = json::object();
  kube::apply_constant_defaults(*kind.message, body);
  if (const auto check = check_of(request, target)) TRY(check(nullptr, &body));
  auto reply =
      reply_of(TRY(answer_token_request(access_, registry_.world(), target.place(), std::move(body))), 201);
  reply.warnings = std::move(warnings);
  return reply;
}

Check Api::check_of(const ApiRequest& request, const ApiTarget& target) const {
  auto more = access_.check_of(request.user, *target.resource, target.place(), target.path.subresource);
  if (request.method != "PATCH") return more;
  // What a patch makes (by server-side apply) is created, which is a right of its own. The request outlives
  // its write.
  return [this, &request, path = target.path, more = std::move(more)](
             const json::object* old, const json::object* object) -> kube::Answer<> {
    if (old == nullptr) TRY(authorize(request, path, "create"));
    if (more) TRY(more(old, object));
    return {};
  };
}

}  // namespace podwire::server
