#include "kube/patch/last_applied.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/patch/field_diff.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
/// All annotations of an object together may not be larger.
constexpr std::size_t kMostBytes = std::size_t{256} << 10;

}  // namespace

FieldSet client_side_fields(const Message& message, const json::object& live) {
  boost::system::error_code error;
  const auto noted = json::parse(text_in(live, "metadata", "annotations", kAnnotation), error);
  const auto* config = error ? nullptr : noted.if_object();
  if (config == nullptr) return {};
  auto out = fields_of(message, *config);
  const auto since = diff_fields(message, *config, live);
  out.subtract(since.changed);
  out.subtract_trees(since.removed);
  return out;
}

void note_last_applied(json::object& object, const json::object& config) {
  if (text_in(object, "metadata", "annotations", kAnnotation).empty()) return;
  auto noted = config;
  if (auto* meta = noted.if_contains("metadata"); meta != nullptr && meta->is_object()) {
    meta->get_object().erase("managedFields");
    if (auto* notes = meta->get_object().if_contains("annotations"); notes != nullptr && notes->is_object())
      notes->get_object().erase(kAnnotation);
  }
  auto text = json::serialize(noted) + "\n";
  if (text.size() > kMostBytes) text.clear();
  object_at(object_at(object, "metadata"), "annotations")[kAnnotation] = text;
}

}  // namespace podwire::kube
