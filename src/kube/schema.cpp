#include "kube/schema.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ranges>

namespace podwire::kube {
namespace {

// Their order is that of discovery: the core group first.
// ccache 4.7 does not know #embed and would hand out the object of older texts. Where it reads
// __TIME__ it trusts what the preprocessor printed, in place of its own list of included files.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kText[] = {
#embed "schema/meta_v1.schema"
    ,
#embed "schema/core_v1_pod.schema"
    ,
#embed "schema/core_v1_volume.schema"
    ,
#embed "schema/core_v1_service.schema"
    ,
#embed "schema/core_v1_cluster.schema"
    ,
#embed "schema/apps_v1.schema"
    ,
#embed "schema/discovery_v1.schema"
    ,
#embed "schema/networking_v1.schema"
    ,
#embed "schema/coordination_v1.schema"
    ,
#embed "schema/events_v1.schema"
    ,
#embed "schema/rbac_v1.schema"
    ,
#embed "schema/autoscaling_v1.schema"
    ,
#embed "schema/policy_v1.schema"
    ,
#embed "schema/podwire_v1alpha1.schema"
    ,
#embed "schema/authentication_v1.schema"
    ,
#embed "schema/authorization_v1.schema"
};
#pragma clang diagnostic pop

}  // namespace

const Field* Message::field(std::string_view json_name) const {
  for (const auto& f : fields) {
    if (!f.inlined && f.name == json_name) return &f;
    if (f.inlined)
      if (const auto* inner = f.type.message->field(json_name)) return inner;
  }
  return nullptr;
}

const Schema& Schema::builtin() {
  static const Schema it = [] {
    auto parsed = parse(std::string_view(kText, sizeof kText));
    if (parsed) return std::move(*parsed);
    // What is embedded was tested: this is a bug, and nothing can be done without a schema.
    std::fprintf(stderr, "podwire: error: %s\n", parsed.error().message().c_str());
    std::abort();
  }();
  return it;
}

const Resource* Schema::resource(std::string_view group, std::string_view version,
                                 std::string_view plural) const {
  for (const auto& r : resources_)
    if (r.plural == plural && r.group == group && r.version == version) return &r;
  return nullptr;
}

const Resource* Schema::kind(std::string_view api_version, std::string_view kind) const {
  for (const auto& r : resources_)
    if (r.kind == kind && r.api_version() == api_version) return &r;
  return nullptr;
}

const Message* Schema::message(std::string_view openapi_name) const {
  for (const auto& m : messages_)
    if (m.name == openapi_name) return &m;
  return nullptr;
}

}  // namespace podwire::kube
