#include "server/record_event.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "kube/json.h"

namespace podwire::server {
namespace {

constexpr std::string_view kNoNamespace = "default";  // where Events of cluster-wide objects are

json::object event_of(const Occurrence& o, const std::string& ns, const std::string& name,
                      const std::string& now) {
  json::object about{{"kind", o.kind}, {"apiVersion", o.api_version}, {"name", o.name}};
  if (!o.ns.empty()) about["namespace"] = o.ns;
  if (!o.uid.empty()) about["uid"] = o.uid;
  json::object out{{"kind", "Event"}, {"apiVersion", "v1"}};
  out["metadata"] = json::object{{"name", name}, {"namespace", ns}};
  out["involvedObject"] = std::move(about);
  out["type"] = "Warning";
  out["reason"] = o.reason;
  out["message"] = o.message;
  out["source"] = json::object{{"component", o.component}};
  out["reportingComponent"] = o.component;
  out["firstTimestamp"] = now;
  out["lastTimestamp"] = now;
  out["count"] = 1;
  return out;
}

}  // namespace

Task<void> record_warning(Registry& registry, Occurrence occurrence) {
  const auto& events = *registry.schema().resource("", "v1", "events");
  const std::string ns(occurrence.ns.empty() ? kNoNamespace : std::string_view(occurrence.ns));
  // An IPv6 address, which can be the name of an object, cannot stand in that of an Event.
  const bool address = occurrence.name.contains(':');
  const auto name =
      fmt::format("{}.{}", address ? std::string_view("ip") : std::string_view(occurrence.name),
                  stable_name(occurrence.uid + occurrence.name + occurrence.reason + occurrence.message, 12));
  const auto now = rfc3339(registry.world().now());
  Registry::Change change = [&](const json::object* live) -> kube::Answer<json::object> {
    if (live == nullptr) return event_of(occurrence, ns, name, now);
    json::object again = *live;
    const auto* count = again.if_contains("count");
    again["count"] = (count != nullptr && count->is_int64() ? count->get_int64() : 0) + 1;
    again["lastTimestamp"] = now;
    return again;
  };
  Place place{ns, name};
  const Author author{.manager = occurrence.component};
  const auto written = co_await registry.update(events, std::move(place), "", change, author, {}, true);
  (void)written;
}

}  // namespace podwire::server
