#include "server/token_request.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "kube/json.h"
#include "kube/rules/field_errors.h"
#include "server/auth/node_graph.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;
using Reference = AccountClaims::Reference;

constexpr std::int64_t kShortest = 600, kLongest = 1LL << 32;  // seconds
constexpr std::string_view kGroup = "authentication.k8s.io", kKind = "TokenRequest";

Answer<json::object> found(const Lookup& look_up, std::string_view resource, std::string_view ns,
                           std::string_view name) {
  auto object = look_up(resource, ns, name);
  if (!object) return kube::not_found({"", std::string(resource)}, name);
  return std::move(*object);
}

/// What a client says of the ServiceAccount in the body must be what the URL says.
Answer<> check_metadata(const json::object& request, const Place& account) {
  kube::FieldErrors errors;
  const auto meta = kube::FieldCursor(request, errors)["metadata"];
  if (const auto name = meta["name"]; !name.empty() && name.text() != account.name)
    name.invalid("must match the service account name if specified");
  if (const auto ns = meta["namespace"]; !ns.empty() && ns.text() != account.ns)
    ns.invalid("must match the service account namespace if specified");
  return errors.answer(kGroup, kKind, account.name);
}

Answer<> check_spec(const json::object& request) {
  kube::FieldErrors errors;
  const auto seconds = kube::FieldCursor(request, errors)["spec"]["expirationSeconds"];
  if (seconds.number() < kShortest) seconds.invalid("may not specify a duration less than 10 minutes");
  if (seconds.number() > kLongest) seconds.invalid("may not specify a duration larger than 2^32 seconds");
  return errors.answer(kGroup, kKind, "");
}

Reference reference_to(const json::object& object) {
  return {std::string(text_in(object, "metadata", "name")), std::string(text_in(object, "metadata", "uid"))};
}

Answer<> bind_to_pod(const Lookup& look_up, const Place& account, const json::object& pod,
                     AccountClaims& claims) {
  if (account_of(pod) != account.name)
    return kube::bad_request(
        fmt::format("cannot bind token for serviceaccount \"{}\" to pod running with different "
                    "serviceaccount name.",
                    account.name));
  claims.pod = reference_to(pod);
  const auto node_name = text_in(pod, "spec", "nodeName");
  if (node_name.empty()) return {};
  const auto node = look_up("nodes", "", node_name);
  claims.node = node ? reference_to(*node) : Reference{std::string(node_name), ""};
  return {};
}

Answer<> bind(const Lookup& look_up, const Place& account, const json::object& ref, AccountClaims& claims) {
  const auto version = text_in(ref, "apiVersion"), kind = text_in(ref, "kind"), name = text_in(ref, "name");
  json::object object;
  if (version == "v1" && kind == "Pod") {
    object = TRY(found(look_up, "pods", account.ns, name));
    TRY(bind_to_pod(look_up, account, object, claims));
  } else if (version == "v1" && kind == "Secret") {
    object = TRY(found(look_up, "secrets", account.ns, name));
    claims.secret = reference_to(object);
  } else if (version == "v1" && kind == "Node") {
    object = TRY(found(look_up, "nodes", "", name));
    claims.node = reference_to(object);
  } else {
    return kube::bad_request(fmt::format("cannot bind token to object of type {}, Kind={}", version, kind));
  }
  const auto uid = text_in(ref, "uid");
  if (!uid.empty() && uid != text_in(object, "metadata", "uid"))
    return kube::conflict({"", std::string(kind)}, name,
                          fmt::format("the UID in the bound object reference ({}) does not match the UID in "
                                      "record. The object might have been deleted and then recreated",
                                      uid));
  return {};
}

std::vector<std::string> audiences_of(json::object& spec) {
  std::vector<std::string> out;
  if (const auto* list = kube::array_in(spec, "audiences"))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) out.emplace_back(*text);
  if (!out.empty()) return out;
  json::array api;
  api.emplace_back(kIssuer);
  spec["audiences"] = std::move(api);
  return {std::string(kIssuer)};
}

}  // namespace

Answer<json::object> answer_token_request(const Access& access, const World& world, const Place& place,
                                          json::object request) {
  TRY(check_metadata(request, place));
  const auto account = TRY(found(access.look_up(), "serviceaccounts", place.ns, place.name));
  auto& spec = kube::object_at(request, "spec");
  TRY(check_spec(request));
  const auto moment = world.moment();
  const std::chrono::seconds life(spec.at("expirationSeconds").to_number<std::int64_t>());
  AccountClaims claims{.ns = place.ns,
                       .account = reference_to(account),
                       .pod = std::nullopt,
                       .secret = std::nullopt,
                       .node = std::nullopt,
                       .audiences = audiences_of(spec),
                       .issued = moment.now,
                       .not_before = moment.now,
                       .expires = moment.now + life,
                       .id = moment.uid};
  if (const auto* ref = kube::object_in(spec, "boundObjectRef"))
    TRY(bind(access.look_up(), place, *ref, claims));
  auto token = access.tokens().issue(claims);
  if (!token) return kube::internal_error(token.error().message());
  auto& meta = kube::object_at(request, "metadata");
  meta["name"] = place.name;
  meta["namespace"] = place.ns;
  meta["creationTimestamp"] = rfc3339(moment.now);
  request["status"] =
      json::object{{"token", std::move(*token)}, {"expirationTimestamp", rfc3339(claims.expires)}};
  return request;
}

}  // namespace podwire::server
