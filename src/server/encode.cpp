#include "server/encode.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "kube/conversion.h"
#include "kube/json.h"
#include "kube/table/table.h"
#include "server/object_meta.h"
#include "server/registry.h"

namespace podwire::server {
namespace {

json::object parsed(const kube::Resource& as, const Object& object) {
  return kube::from_stored(as, parse_stored(object));
}

json::object partial(const json::object& object) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", "meta.k8s.io/v1"},
          {"metadata", object.at("metadata")}};
}

json::object row(const kube::Resource& resource, const json::object& object, RowObject what,
                 std::chrono::sys_seconds now) {
  json::object out{{"cells", kube::cells_of(group_resource(resource).str(), object, now)}};
  if (what == RowObject::metadata) out["object"] = partial(object);
  if (what == RowObject::whole) out["object"] = object;
  return out;
}

json::object table(const kube::Resource& resource, json::array rows, json::object meta, bool columns) {
  json::object out{{"kind", "Table"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", std::move(meta)}};
  out["columnDefinitions"] =
      columns ? json::value(kube::columns_of(group_resource(resource).str())) : json::value(nullptr);
  out["rows"] = std::move(rows);
  return out;
}

json::object list_meta(const Page& page, std::string_view continue_token) {
  json::object meta{{"resourceVersion", std::to_string(page.revision)}};
  if (!continue_token.empty()) {
    meta["continue"] = continue_token;
    if (page.remaining > 0) meta["remainingItemCount"] = page.remaining;
  }
  return meta;
}

/// Appended, not formatted: every watcher's every event goes through here.
std::string line(std::string_view type, std::string_view object) {
  std::string out;
  out.reserve(type.size() + object.size() + 32);
  out += "{\"type\":\"";
  out += type;
  out += "\",\"object\":";
  out += object;
  out += "}\n";
  return out;
}

}  // namespace

std::string Encoding::object(const Object& o, std::chrono::sys_seconds now) const {
  if (form == Form::table) {
    json::array rows;
    const auto whole = parsed(*resource, o);
    rows.push_back(row(*resource, whole, row_object, now));
    return json::serialize(
        table(*resource, std::move(rows), {{"resourceVersion", std::to_string(o.revision)}}, true));
  }
  return text(o);
}

std::string Encoding::text(const Object& o) const {
  if (form == Form::partial) return json::serialize(partial(parsed(*resource, o)));
  return kube::is_view(*resource) ? json::serialize(parsed(*resource, o)) : o.json;
}

std::string Encoding::list_begin(const Page& page, std::string_view continue_token) const {
  const auto meta = json::serialize(list_meta(page, continue_token));
  if (form == Form::table)
    return fmt::format(
        R"({{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":{},"rows":[)",
        meta, json::serialize(kube::columns_of(group_resource(*resource).str())));
  const auto kind = form == Form::partial ? "PartialObjectMetadataList" : resource->kind + "List";
  const auto api = form == Form::partial ? "meta.k8s.io/v1" : resource->api_version();
  return fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{},"items":[)", kind, api, meta);
}

std::string Encoding::list_item(const Object& o, std::chrono::sys_seconds now) const {
  if (form == Form::table) return json::serialize(row(*resource, parsed(*resource, o), row_object, now));
  return text(o);
}

std::string Encoding::event(std::string_view type, const Object& o, std::chrono::sys_seconds now,
                            bool columns) const {
  if (form != Form::table) return line(type, text(o));
  json::array rows;
  rows.push_back(row(*resource, parsed(*resource, o), row_object, now));
  return line(type, json::serialize(table(*resource, std::move(rows),
                                          {{"resourceVersion", std::to_string(o.revision)}}, columns)));
}

std::string Encoding::bookmark(std::uint64_t revision, bool initial_end, bool columns) const {
  json::object meta{{"resourceVersion", std::to_string(revision)}, {"creationTimestamp", nullptr}};
  if (initial_end) meta["annotations"] = json::object{{"k8s.io/initial-events-end", "true"}};
  json::object of{{"kind", resource->kind}, {"apiVersion", resource->api_version()}, {"metadata", meta}};
  if (form == Form::partial) of = partial(of);
  if (form == Form::table) {
    json::array rows;
    rows.push_back({{"cells", json::array()}, {"object", partial(of)}});
    of = table(*resource, std::move(rows), {{"resourceVersion", std::to_string(revision)}}, columns);
  }
  return fmt::format("{{\"type\":\"BOOKMARK\",\"object\":{}}}\n", json::serialize(of));
}

std::string error_event(const kube::Status& status) {
  return fmt::format("{{\"type\":\"ERROR\",\"object\":{}}}\n", json::serialize(kube::to_json(status)));
}

}  // namespace podwire::server
