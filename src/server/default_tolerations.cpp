#include "server/default_tolerations.h"

#include <algorithm>

namespace podwire::server {
namespace {

namespace json = kube::json;

constexpr std::int64_t kSeconds = 300;

bool speaks_of(const json::value& toleration, std::string_view key) {
  const auto* object = toleration.if_object();
  if (object == nullptr) return false;
  const auto own = kube::text_in(*object, "key"), effect = kube::text_in(*object, "effect");
  return (own.empty() || own == key) && (effect.empty() || effect == "NoExecute");
}

}  // namespace

void add_default_tolerations(json::object& pod_spec) {
  json::array tolerations;
  if (auto* given = pod_spec.if_contains("tolerations"); given != nullptr && !given->is_null()) {
    if (!given->is_array()) return;  // the kind's rules have a word for it
    tolerations = given->get_array();
  }
  for (const auto* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
    if (std::ranges::none_of(tolerations, [&](const auto& t) { return speaks_of(t, key); }))
      tolerations.push_back(json::object{
          {"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", kSeconds}});
  pod_spec["tolerations"] = std::move(tolerations);
}

}  // namespace podwire::server
