#include "server/store/encode.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/json.h"

namespace podwire::server {
namespace {

namespace json = boost::json;

std::string text_of(json::object& object, std::uint64_t revision) {
  kube::object_at(object, "metadata")["resourceVersion"] = std::to_string(revision);
  auto text = json::serialize(object);
  text.shrink_to_fit();  // it is kept for long
  return text;
}

}  // namespace

ObjectPtr encode(Write write, std::uint64_t revision, std::uint64_t created) {
  std::ranges::sort(write.labels);
  std::ranges::sort(write.fields);
  return std::make_shared<const Object>(Object{.key = std::move(write.key),
                                               .revision = revision,
                                               .created = created,
                                               .json = text_of(*write.object, revision),
                                               .labels = std::move(write.labels),
                                               .fields = std::move(write.fields)});
}

ObjectPtr encode_deleted(const Object& last, std::uint64_t revision) {
  auto state = std::make_shared<Object>(last);
  state->revision = revision;
  json::parse_options options;
  options.max_depth = 1024;  // it was accepted once: how deep is not asked again
  json::error_code error;
  auto parsed = json::parse(last.json, error, {}, options);
  // What does not parse comes from a damaged file: it can be deleted all the same.
  if (!error && parsed.is_object()) state->json = text_of(parsed.get_object(), revision);
  return state;
}

}  // namespace podwire::server
