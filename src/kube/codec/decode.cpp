#include "kube/codec/decode.h"

#include <fmt/format.h>

#include "kube/codec/field_check.h"
#include "kube/codec/json_reader.h"
#include "kube/codec/scalars.h"

namespace podwire::kube {
namespace {

struct Header {
  std::string_view api_version, kind;
};

std::unexpected<Status> no_header(std::string_view why) {
  return bad_request(fmt::format("couldn't get version/kind; json parse error: {}", why));
}

Answer<Header> header_of(const json::object& object) {
  Header out;
  for (const auto [name, text] : {std::pair("apiVersion", &out.api_version), std::pair("kind", &out.kind)}) {
    const auto* v = object.if_contains(name);
    if (v == nullptr || v->is_null()) continue;
    if (!v->is_string())
      return no_header(fmt::format("json: cannot unmarshal {} into Go struct field .{} of type string",
                                   go_name(*v), name));
    *text = v->get_string();
  }
  return out;
}

/// "core.Pod", "networking.NetworkPolicy".
std::string internal_name(const Resource& r) {
  return fmt::format("{}.{}", r.group.empty() ? "core" : r.group.substr(0, r.group.find('.')), r.kind);
}

std::unexpected<Status> cannot_be_handled(std::string_view kind, std::string_view version,
                                          std::string_view as, std::string_view why) {
  return bad_request(
      fmt::format("{} in version \"{}\" cannot be handled as a {}: {}", kind, version, as, why));
}

using Problems = Answer<std::vector<std::string>>;

Problems check_message(const Message& message, std::string_view kind, std::string_view version,
                       json::object& object, FieldValidation how, FieldCheck::Zeros zeros,
                       std::vector<std::string> duplicates) {
  FieldCheck check(zeros);
  if (auto walked = check.object(message, object); !walked)
    return cannot_be_handled(kind, version, kind, walked.error().message);
  if (how == FieldValidation::ignore) return std::vector<std::string>();
  auto problems = check.take_unknown();
  for (auto& one : duplicates)
    if (problems.size() < kMaxProblems) problems.push_back(std::move(one));
  if (how == FieldValidation::warn || problems.empty()) return problems;
  std::string all;
  for (const auto& one : problems) all.append(all.empty() ? "" : ", ").append(one);
  return cannot_be_handled(kind, version, kind, "strict decoding error: " + all);
}

Problems check_resource(const Resource& resource, json::object& object, FieldValidation how,
                        FieldCheck::Zeros zeros, std::vector<std::string> duplicates) {
  const auto [api_version, kind] = TRY(header_of(object));
  if (!api_version.empty() && api_version != resource.api_version())
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    api_version, resource.api_version()));
  if (!kind.empty() && kind != resource.kind)
    return cannot_be_handled(kind, resource.version, resource.kind,
                             fmt::format("converting ({}.{}) to ({}): unknown conversion", resource.version,
                                         kind, internal_name(resource)));
  auto warnings = TRY(check_message(*resource.message, resource.kind, resource.version, object, how, zeros,
                                    std::move(duplicates)));
  object["kind"] = resource.kind;
  object["apiVersion"] = resource.api_version();
  return warnings;
}

}  // namespace

Answer<json::object> parse_body(std::string_view text, std::vector<std::string>* duplicates) {
  auto parsed = parse_json(text);
  if (!parsed) return bad_request("couldn't get version/kind; " + parsed.error().message);
  auto* object = parsed->value.if_object();
  if (object == nullptr)
    return no_header(
        fmt::format("json: cannot unmarshal {} into Go value of type struct {{ APIVersion string "
                    "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                    "\"json:\\\"kind,omitempty\\\"\" }}",
                    go_name(parsed->value)));
  if (duplicates != nullptr) *duplicates = std::move(parsed->duplicates);
  return std::move(*object);
}

Answer<std::vector<std::string>> check_fields(const Message& message, std::string_view kind,
                                              std::string_view version, json::object& object,
                                              FieldValidation how, std::vector<std::string> duplicates) {
  return check_message(message, kind, version, object, how, FieldCheck::Zeros::drop, std::move(duplicates));
}

Answer<std::vector<std::string>> check_fields(const Resource& resource, json::object& object,
                                              FieldValidation how, std::vector<std::string> duplicates) {
  return check_resource(resource, object, how, FieldCheck::Zeros::drop, std::move(duplicates));
}

Answer<std::vector<std::string>> check_config(const Resource& resource, json::object& config,
                                              FieldValidation how, std::vector<std::string> duplicates) {
  return check_resource(resource, config, how, FieldCheck::Zeros::keep, std::move(duplicates));
}

}  // namespace podwire::kube
