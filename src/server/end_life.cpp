#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "server/object_meta.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::object_at;
using kube::text_in;

constexpr std::int64_t kDefaultPodGrace = 30;  // seconds, corev1.DefaultTerminationGracePeriodSeconds

bool is_pod(const kube::Resource& r) { return r.group.empty() && r.plural == "pods"; }
bool is_namespace(const kube::Resource& r) { return r.group.empty() && r.plural == "namespaces"; }

bool being_deleted(const json::object& object) {
  return !text_in(object, "metadata", "deletionTimestamp").empty();
}

std::int64_t number_in(const json::object& object, std::string_view a, std::string_view b,
                       std::int64_t otherwise) {
  const auto* found = kube::in(object, a, b);
  return found != nullptr && found->is_int64() ? found->get_int64() : otherwise;
}

/// Only pods have a life after deletion: their node ends it. One that is on no node, or has ended, needs
/// none.
std::int64_t grace_of(const kube::Resource& resource, const json::object& object,
                      const DeleteOptions& options) {
  if (!is_pod(resource)) return 0;
  const auto phase = text_in(object, "status", "phase");
  if (text_in(object, "spec", "nodeName").empty() || phase == "Succeeded" || phase == "Failed") return 0;
  const auto wanted = options.grace_seconds.value_or(
      number_in(object, "spec", "terminationGracePeriodSeconds", kDefaultPodGrace));
  return std::max<std::int64_t>(wanted, 0);
}

void set_finalizer(json::object& meta, std::string_view name, bool wanted) {
  auto* list = kube::in(meta, "finalizers") != nullptr ? meta["finalizers"].if_array() : nullptr;
  const bool there = list != nullptr && std::ranges::find(*list, json::value(name)) != list->end();
  if (wanted == there) return;
  if (wanted) {
    if (list == nullptr) list = &meta["finalizers"].emplace_array();
    list->push_back(json::value(name));
  } else {
    list->erase(std::ranges::find(*list, json::value(name)));
    if (list->empty()) meta.erase("finalizers");
  }
}

bool has_items(const json::array* list) { return list != nullptr && !list->empty(); }

bool is_held(const kube::Resource& resource, const json::object& object) {
  return has_items(kube::array_in(object, "metadata", "finalizers")) ||
         (is_namespace(resource) && has_items(kube::array_in(object, "spec", "finalizers")));
}

Answer<> check_preconditions(const kube::Resource& resource, const json::object& object,
                             const DeleteOptions& o) {
  const auto name = text_in(object, "metadata", "name");
  const auto differs = [&](std::string_view what, const std::string& wanted, std::string_view is) {
    return kube::conflict(
        group_resource(resource), name,
        fmt::format("Precondition failed: {0} in precondition: {1}, {0} in object meta: {2}", what, wanted,
                    is));
  };
  if (const auto uid = text_in(object, "metadata", "uid"); o.uid && *o.uid != uid)
    return differs("UID", *o.uid, uid);
  if (const auto rv = text_in(object, "metadata", "resourceVersion");
      o.resource_version && *o.resource_version != rv)
    return differs("ResourceVersion", *o.resource_version, rv);
  return {};
}

}  // namespace

Answer<DeleteOptions> delete_options(const json::object& body) {
  DeleteOptions out;
  if (const auto* grace = body.if_contains("gracePeriodSeconds"); grace != nullptr && grace->is_int64()) {
    out.grace_seconds = grace->get_int64();
    if (*out.grace_seconds < 0) out.grace_seconds = 1;  // as Kubernetes: a negative grace is the shortest one
  }
  if (const auto uid = text_in(body, "preconditions", "uid"); !uid.empty()) out.uid = uid;
  if (const auto rv = text_in(body, "preconditions", "resourceVersion"); !rv.empty())
    out.resource_version = rv;
  const auto policy = text_in(body, "propagationPolicy");
  using Propagation = DeleteOptions::Propagation;
  if (policy == "Background")
    out.propagation = Propagation::background;
  else if (policy == "Foreground")
    out.propagation = Propagation::foreground;
  else if (policy == "Orphan")
    out.propagation = Propagation::orphan;
  else if (!policy.empty())
    return std::unexpected(kube::Status{
        .code = 422,
        .reason = "Invalid",
        .message = fmt::format(
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{}\": "
            "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
            policy),
        .group = "meta.k8s.io",
        .kind = "DeleteOptions"});
  if (const auto* orphan = body.if_contains("orphanDependents"); orphan != nullptr && orphan->is_bool())
    out.propagation = orphan->get_bool() ? Propagation::orphan : Propagation::background;
  if (const auto* dry = kube::array_in(body, "dryRun")) out.dry_run = !dry->empty();
  return out;
}

Answer<std::optional<json::object>> end_life(const kube::Resource& resource, const json::object& object,
                                             const DeleteOptions& options, const Moment& moment) {
  TRY(check_preconditions(resource, object, options));
  json::object last = object;
  auto& meta = object_at(last, "metadata");
  using Propagation = DeleteOptions::Propagation;
  if (options.propagation != Propagation::unset) {
    set_finalizer(meta, "orphan", options.propagation == Propagation::orphan);
    set_finalizer(meta, "foregroundDeletion", options.propagation == Propagation::foreground);
  }
  const auto grace = grace_of(resource, object, options);
  const bool already = being_deleted(object);
  if (grace == 0 && !is_held(resource, last)) return std::nullopt;
  // Who has been told already can only be given less time.
  if (!already || grace < number_in(object, "metadata", "deletionGracePeriodSeconds", 0)) {
    meta["deletionTimestamp"] = rfc3339(moment.now + std::chrono::seconds(grace));
    meta["deletionGracePeriodSeconds"] = grace;
    if (const auto* generation = kube::in(meta, "generation");
        generation != nullptr && generation->is_int64())
      meta["generation"] = generation->get_int64() + 1;
  }
  if (is_namespace(resource)) object_at(last, "status")["phase"] = "Terminating";
  return last;
}

bool is_finished(const kube::Resource& resource, const json::object& object) {
  if (!being_deleted(object) || is_held(resource, object)) return false;
  return number_in(object, "metadata", "deletionGracePeriodSeconds", 0) == 0;
}

}  // namespace podwire::server
