#include "server/access_review.h"

#include <fmt/format.h>

#include "kube/json.h"
#include "kube/rules/field_errors.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;

constexpr std::string_view kGroup = "authorization.k8s.io";

/// Whom a review is about, when not about who asks.
User user_in(const json::object& spec) {
  User out{
      .name = std::string(text_in(spec, "user")), .uid = std::string(text_in(spec, "uid")), .groups = {}};
  if (const auto* groups = kube::array_in(spec, "groups"))
    for (const auto& group : *groups)
      if (const auto* text = group.if_string()) out.groups.emplace_back(*text);
  return out;
}

Answer<> check_review(std::string_view kind, std::string_view ns, const json::object& review) {
  kube::FieldErrors errors;
  const kube::FieldCursor root(review, errors);
  const auto spec = root["spec"];
  const auto resource = spec["resourceAttributes"], path = spec["nonResourceAttributes"];
  const bool local = kind == "LocalSubjectAccessReview", self = kind == "SelfSubjectAccessReview";
  if (resource.present() && path.present())
    path.invalid("cannot be specified in combination with resourceAttributes");
  if (!resource.present() && !path.present())
    resource.invalid("null", "exactly one of nonResourceAttributes or resourceAttributes must be specified");
  if (!self && spec["user"].empty() && spec["groups"].empty())
    spec["user"].invalid("\"\"", "at least one of user or group must be specified");
  if (local && path.present()) path.invalid("disallowed on this kind of request");
  if (local && resource.present() && resource["namespace"].text() != ns)
    resource["namespace"].invalid(kube::quoted(resource["namespace"].text()),
                                  "must match metadata.namespace");
  return errors.answer(kGroup, kind, root["metadata"]["name"].text());
}

/// A selector that comes in pieces counts only as far as it can be told from text: it narrows, so that
/// leaving it out never allows more.
std::optional<kube::FieldSelector> fields_in(const json::object& attributes) {
  const auto text = text_in(attributes, "fieldSelector", "rawSelector");
  if (text.empty()) return std::nullopt;
  auto parsed = kube::FieldSelector::parse(text_in(attributes, "resource"), text);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

Decision decide(const Authorizer& authorizer, const User& user, const json::object& spec) {
  if (const auto* r = kube::object_in(spec, "resourceAttributes")) {
    const auto fields = fields_in(*r);
    return authorizer.decide({.user = user,
                              .verb = text_in(*r, "verb"),
                              .group = text_in(*r, "group"),
                              .resource = text_in(*r, "resource"),
                              .subresource = text_in(*r, "subresource"),
                              .ns = text_in(*r, "namespace"),
                              .name = text_in(*r, "name"),
                              .path = {},
                              .fields = fields ? &*fields : nullptr});
  }
  return authorizer.decide({.user = user,
                            .verb = text_in(spec, "nonResourceAttributes", "verb"),
                            .group = {},
                            .resource = {},
                            .subresource = {},
                            .ns = {},
                            .name = {},
                            .path = text_in(spec, "nonResourceAttributes", "path")});
}

}  // namespace

Answer<json::object> review_access(const Authorizer& authorizer, const User& asking, std::string_view kind,
                                   std::string_view ns, const json::object& review) {
  TRY(check_review(kind, ns, review));
  static const json::object kNone;
  const auto* found = kube::object_in(review, "spec");
  const auto& spec = found != nullptr ? *found : kNone;
  const auto decision = decide(authorizer, kind == "SelfSubjectAccessReview" ? asking : user_in(spec), spec);
  json::object out{{"allowed", decision.allowed}};
  if (!decision.reason.empty()) out["reason"] = decision.reason;
  return out;
}

}  // namespace podwire::server
