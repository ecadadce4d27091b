#include "server/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/process_metrics.h"

namespace podwire::server {
namespace {

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

std::string shown(const RequestLabels& l) {
  return fmt::format(R"(group="{}",resource="{}",scope="{}",subresource="{}",verb="{}",version="{}")",
                     l.group, l.resource, l.scope, l.subresource, l.verb, l.version);
}

std::string_view verb_shown(std::string_view verb, std::string_view content_type) {
  if (verb == "create") return "POST";
  if (verb == "update") return "PUT";
  if (verb == "patch") return content_type.contains("apply-patch") ? "APPLY" : "PATCH";
  if (verb == "get") return "GET";
  if (verb == "list") return "LIST";
  if (verb == "watch") return "WATCH";
  if (verb == "delete") return "DELETE";
  return verb == "deletecollection" ? "DELETECOLLECTION" : "OTHER";
}

}  // namespace

RequestLabels RequestLabels::of(std::string_view method, const std::vector<std::string>& path, bool watch,
                                std::string_view content_type, const kube::Schema& schema) {
  RequestLabels out;
  const auto parsed = resource_path(path);
  const auto* resource = parsed ? schema.resource(parsed->group, parsed->version, parsed->resource) : nullptr;
  out.verb = verb_shown(verb_of(method, parsed.value_or(ResourcePath{}), watch), content_type);
  if (resource == nullptr) {
    if (out.verb == "LIST") out.verb = "GET";
    return out;
  }
  out.group = resource->group;
  out.version = resource->version;
  out.resource = resource->plural;
  const auto& subs = resource->subresources;
  if (std::ranges::find(subs, parsed->subresource) != subs.end()) out.subresource = parsed->subresource;
  out.scope = !parsed->name.empty() ? "resource" : !parsed->ns.empty() ? "namespace" : "cluster";
  return out;
}

void Metrics::observe_commit(std::chrono::nanoseconds took) {
  const auto seconds = std::chrono::duration<double>(took).count();
  ++commits_;
  commit_seconds_ += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    if (seconds <= kBounds[i]) ++commits_within_[i];
}

std::string Metrics::text(const Store& store, const RequestLimits& limits) const {
  std::string out;
  head(out, "apiserver_request_total", "counter", "Requests that were answered.");
  for (const auto& [key, count] : requests_)
    out += fmt::format("apiserver_request_total{{code=\"{}\",component=\"apiserver\",dry_run=\"\",{}}} {}\n",
                       key.second, shown(key.first), count);
  head(out, "apiserver_longrunning_requests", "gauge", "Watches that are open.");
  for (const auto& [labels, count] : watches_)
    out += fmt::format("apiserver_longrunning_requests{{component=\"apiserver\",{}}} {}\n", shown(labels),
                       count);
  head(out, "apiserver_current_inflight_requests", "gauge", "Requests that are at work.");
  using Sort = RequestLimits::Sort;
  out += fmt::format("apiserver_current_inflight_requests{{request_kind=\"mutating\"}} {}\n",
                     limits.at_work(Sort::write));
  out += fmt::format("apiserver_current_inflight_requests{{request_kind=\"readOnly\"}} {}\n",
                     limits.at_work(Sort::read));
  const auto stats = store.stats();
  head(out, "apiserver_storage_objects", "gauge", "Objects that are stored.");
  for (const auto& s : stats)
    out += fmt::format("apiserver_storage_objects{{resource=\"{}\"}} {}\n", s.resource, s.objects);
  head(out, "podwire_store_object_bytes", "gauge", "What the objects take in memory.");
  for (const auto& s : stats)
    out += fmt::format("podwire_store_object_bytes{{resource=\"{}\"}} {}\n", s.resource, s.bytes);
  head(out, "podwire_store_commit_duration_seconds", "histogram",
       "From a commit's check to its being durable.");
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    out += fmt::format("podwire_store_commit_duration_seconds_bucket{{le=\"{}\"}} {}\n", kBounds[i],
                       commits_within_[i]);
  out += fmt::format(
      "podwire_store_commit_duration_seconds_bucket{{le=\"+Inf\"}} "
      "{0}\npodwire_store_commit_duration_seconds_sum "
      "{1}\npodwire_store_commit_duration_seconds_count {0}\n",
      commits_, commit_seconds_);
  out += process_metrics();
  return out;
}

}  // namespace podwire::server
