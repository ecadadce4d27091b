#include "server/media_type.h"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <optional>

namespace podwire::server {
namespace {

/// One media range of an Accept header, with the parameters that Kubernetes gave a meaning.
struct Range {
  std::string type, as, group, version;
};

std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto out = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return out;
}

std::string clean(std::string_view text) { return boost::algorithm::trim_copy(std::string(text)); }

Range range_of(std::string_view text) {
  Range out;
  out.type = boost::algorithm::to_lower_copy(clean(cut(text, ';')));
  while (!text.empty()) {
    auto parameter = cut(text, ';');
    const auto name = clean(cut(parameter, '='));
    if (name == "as") out.as = clean(parameter);
    if (name == "g") out.group = clean(parameter);
    if (name == "v") out.version = clean(parameter);
  }
  return out;
}

std::optional<Form> form_of(const Range& r) {
  if (r.type != "application/json" && r.type != "application/*" && r.type != "*/*") return std::nullopt;
  if (r.as.empty()) return Form::object;
  if (r.type != "application/json") return std::nullopt;
  if (r.group == "meta.k8s.io" && r.version == "v1") {
    if (r.as == "Table") return Form::table;
    if (r.as == "PartialObjectMetadata" || r.as == "PartialObjectMetadataList") return Form::partial;
  }
  if (r.group == "apidiscovery.k8s.io" && r.version == "v2" && r.as == "APIGroupDiscoveryList")
    return Form::discovery_v2;
  return std::nullopt;
}

}  // namespace

kube::Answer<Form> accepted_form(std::string_view accept) {
  if (clean(accept).empty()) return Form::object;
  while (!accept.empty())
    if (const auto form = form_of(range_of(cut(accept, ',')))) return *form;
  return kube::not_acceptable("application/json");
}

kube::Answer<BodyType> body_type(std::string_view content_type) {
  const auto type = range_of(content_type).type;
  if (type.empty() || type == "application/json") return BodyType::json;
  if (type == "application/vnd.kubernetes.protobuf") return BodyType::protobuf;
  if (type == "application/json-patch+json") return BodyType::json_patch;
  if (type == "application/merge-patch+json") return BodyType::merge_patch;
  if (type == "application/strategic-merge-patch+json") return BodyType::strategic_patch;
  if (type == "application/apply-patch+yaml" || type == "application/apply-patch+json")
    return BodyType::apply_patch;
  return kube::unsupported_media_type();
}

}  // namespace podwire::server
