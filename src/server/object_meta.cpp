#include "server/object_meta.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kube/codec/go_time.h"
#include "kube/json.h"
#include "kube/rules/names.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::array_in;
using kube::object_at;
using kube::text_in;

/// Kinds whose spec has a generation that somebody observes.
bool has_generation(const kube::Resource& r) {
  static constexpr std::array kThese{"deployments", "replicasets",     "daemonsets",
                                     "pods",        "networkpolicies", "endpointslices"};
  return std::ranges::find(kThese, r.plural) != kThese.end();
}

/// What the API calls the thing whose change makes a new generation.
const json::value* content_of(const json::object& object) {
  if (const auto* spec = object.if_contains("spec")) return spec;
  return object.if_contains("endpoints");
}

bool same_content(const json::object& a, const json::object& b) {
  const auto* x = content_of(a);
  const auto* y = content_of(b);
  return (x == nullptr) == (y == nullptr) && (x == nullptr || *x == *y) &&
         (a.if_contains("ports") == nullptr || b.if_contains("ports") == nullptr ||
          a.at("ports") == b.at("ports"));
}

std::int64_t generation_of(const json::object& object) {
  const auto* g = kube::in(object, "metadata", "generation");
  return g != nullptr && g->is_int64() ? g->get_int64() : 0;
}

/// Gives `to` the value that `from` has, or none where it has none.
void keep(const json::object& from, json::object& to, std::string_view key) {
  if (const auto* value = from.if_contains(key))
    to[key] = *value;
  else
    to.erase(key);
}

/// The same, without moving a member that is there to the end.
void keep_all(const json::object& from, json::object& to, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) keep(from, to, key);
}

Answer<> check_place(const json::object& meta, const kube::Resource& resource, const Place& place) {
  const auto ns = text_in(meta, "namespace");
  if (!ns.empty() && ns != place.ns && resource.namespaced)
    return kube::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  const auto name = text_in(meta, "name");
  if (!place.name.empty() && !name.empty() && name != place.name)
    return kube::bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})", name, place.name));
  return {};
}

}  // namespace

std::string rfc3339(std::chrono::sys_seconds time) {
  return kube::print_time({.seconds = time.time_since_epoch().count()}, kube::TimeForm::seconds).value_or("");
}

Answer<> begin_life(const kube::Resource& resource, json::object& object, const Place& place,
                    const Moment& moment) {
  auto& meta = object_at(object, "metadata");
  TRY(check_place(meta, resource, place));
  if (!text_in(meta, "resourceVersion").empty())
    return kube::bad_request("resourceVersion should not be set on objects to be created");
  if (text_in(meta, "name").empty()) {
    if (!place.name.empty())
      meta["name"] = place.name;
    else if (const auto prefix = text_in(meta, "generateName"); !prefix.empty())
      meta["name"] = kube::generated_name(prefix, moment.name_suffix);
    else
      return std::unexpected(kube::Status{
          .code = 422,
          .reason = "Invalid",
          .message = fmt::format("{} \"\" is invalid: metadata.name: Required value: name or generateName "
                                 "is required",
                                 resource.kind),
          .group = resource.group,
          .kind = resource.kind,
          .causes = {
              {"FieldValueRequired", "Required value: name or generateName is required", "metadata.name"}}});
  }
  if (resource.namespaced)
    meta["namespace"] = place.ns;
  else
    meta.erase("namespace");
  for (const char* key :
       {"selfLink", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"})
    meta.erase(key);
  meta["uid"] = moment.uid;
  meta["creationTimestamp"] = rfc3339(moment.now);
  if (has_generation(resource)) meta["generation"] = 1;
  return {};
}

Answer<> carry_on(const kube::Resource& resource, const json::object& old, json::object& object,
                  const Place& place, std::string_view subresource) {
  auto& meta = object_at(object, "metadata");
  TRY(check_place(meta, resource, place));
  const auto& before = old.at("metadata").get_object();
  if (const auto uid = text_in(meta, "uid"); !uid.empty() && uid != text_in(before, "uid"))
    return kube::conflict(group_resource(resource), place.name,
                          fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                                      uid, text_in(before, "uid")));
  keep_all(before, meta,
           {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds", "generation", "generateName"});
  meta.erase("selfLink");
  meta.erase("resourceVersion");
  const auto has_status = std::ranges::find(resource.subresources, "status") != resource.subresources.end();
  if (subresource.empty()) {
    if (has_status) keep(old, object, "status");
    // Its spec is the finalizers, which have a subresource of their own.
    if (resource.kind == "Namespace") keep(old, object, "spec");
    if (has_generation(resource) && !same_content(old, object)) meta["generation"] = generation_of(old) + 1;
  } else if (subresource == "finalize") {
    keep(old, object, "status");
  } else if (subresource == "status") {
    json::object whole = old;
    whole["metadata"] = std::move(meta);
    // A controller that writes a status is not asked for labels or owners.
    auto& kept = whole["metadata"].get_object();
    keep(before, kept, "ownerReferences");
    if (resource.group == "apps") keep(before, kept, "labels");
    keep(object, whole, "status");
    object = std::move(whole);
  }
  return {};
}

}  // namespace podwire::server
