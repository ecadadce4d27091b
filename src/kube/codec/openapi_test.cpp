#include "kube/codec/openapi.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "kube/json.h"

namespace podwire::kube {
namespace {

const OpenApi& openapi() {
  static const OpenApi it(Schema::builtin());
  return it;
}

json::object document(std::string_view name) {
  const auto text = openapi().document(name);
  EXPECT_FALSE(text.empty()) << name;
  return text.empty() ? json::object() : json::parse(text).as_object();
}

const json::object& schema_of(const json::object& document, std::string_view name) {
  return document.at("components").at("schemas").as_object().at(name).as_object();
}

/// Every $ref below a value.
void collect_refs(const json::value& v, std::set<std::string>& out) {
  if (const auto* list = v.if_array())
    for (const auto& one : *list) collect_refs(one, out);
  if (const auto* object = v.if_object())
    for (const auto& [key, one] : *object) {
      if (key == "$ref") out.emplace(one.as_string());
      collect_refs(one, out);
    }
}

json::object index() { return json::parse(openapi().index()).as_object().at("paths").as_object(); }

TEST(OpenApi, TheIndexNamesEveryDocumentByItsHash) {
  const auto paths = index();
  for (const std::string_view name :
       {"api/v1", "apis/apps/v1", "apis/networking.k8s.io/v1", "apis/rbac.authorization.k8s.io/v1"}) {
    const auto url = std::string(paths.at(name).at("serverRelativeURL").as_string());
    EXPECT_TRUE(url.starts_with(std::string("/openapi/v3/").append(name).append("?hash="))) << url;
  }
  EXPECT_EQ(paths.if_contains("apis/autoscaling/v1"), nullptr);  // nothing but the body of a subresource
  EXPECT_EQ(openapi().document("apis/autoscaling/v1"), "");
  EXPECT_EQ(openapi().document("api/v2"), "");
  // Another schema of the same names has another hash; the same schema the same one.
  EXPECT_EQ(OpenApi(Schema::builtin()).index(), openapi().index());
  const auto small = [](std::string_view description) {
    const auto s = Schema::parse(
        fmt::format("package test.v1\ntype Thing : {}\n  1 name string\ngroup test v1\nkind Thing things\n",
                    description));
    return OpenApi(*s).index();
  };
  EXPECT_NE(small("One."), small("Another."));
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  for (const auto& [name, entry] : index()) {
    const auto d = document(name);
    std::set<std::string> refs;
    collect_refs(d, refs);
    EXPECT_FALSE(refs.empty());
    const auto& schemas = d.at("components").at("schemas").as_object();
    for (const auto& ref : refs) {
      constexpr std::string_view kPrefix = "#/components/schemas/";
      ASSERT_TRUE(ref.starts_with(kPrefix)) << ref;
      EXPECT_TRUE(schemas.contains(ref.substr(kPrefix.size()))) << ref;
    }
  }
}

TEST(OpenApi, EveryStoredKindCanBePatchedWithFieldValidation) {
  for (const auto& r : Schema::builtin().resources()) {
    if (!r.stored) continue;
    const auto root = r.group.empty() ? "api/" + r.version : "apis/" + r.group + "/" + r.version;
    const auto d = document(root);
    const auto path =
        fmt::format("/{}/{}{}/{{name}}", root, r.namespaced ? "namespaces/{namespace}/" : "", r.plural);
    const auto* patch = object_in(d, "paths", path, "patch");
    ASSERT_NE(patch, nullptr) << path;
    std::set<std::string> names;
    for (const auto& p : patch->at("parameters").as_array()) names.emplace(p.at("name").as_string());
    EXPECT_TRUE(names.contains("fieldValidation") && names.contains("dryRun") && names.contains("force"));
    EXPECT_EQ(text_in(*patch, "x-kubernetes-group-version-kind", "kind"), r.kind);
    EXPECT_EQ(text_in(*patch, "x-kubernetes-group-version-kind", "group"), r.group);
    const auto& schema = schema_of(d, r.message->name);
    EXPECT_EQ(schema.at("x-kubernetes-group-version-kind").at(0).at("kind"), json::value(r.kind));
    EXPECT_TRUE(schema.at("properties").as_object().contains("metadata")) << r.kind;
    EXPECT_TRUE(d.at("components").at("schemas").as_object().contains(r.message->name + "List"));
  }
}

TEST(OpenApi, FieldsAsClientsReadThem) {
  const auto d = document("api/v1");
  const auto& service = schema_of(d, "io.k8s.api.core.v1.ServiceSpec").at("properties").as_object();
  const auto& ports = service.at("ports").as_object();
  EXPECT_EQ(ports.at("x-kubernetes-list-type"), "map");
  EXPECT_EQ(ports.at("x-kubernetes-list-map-keys"), json::parse(R"(["port","protocol"])"));
  EXPECT_EQ(ports.at("x-kubernetes-patch-merge-key"), "port");
  EXPECT_EQ(ports.at("x-kubernetes-patch-strategy"), "merge");
  EXPECT_EQ(ports.at("items").at("allOf").at(0).at("$ref"),
            "#/components/schemas/io.k8s.api.core.v1.ServicePort");
  EXPECT_FALSE(ports.at("description").as_string().empty());
  EXPECT_EQ(service.at("selector").at("additionalProperties"), json::parse(R"({"type":"string"})"));
  EXPECT_EQ(service.at("selector").at("x-kubernetes-map-type"), "atomic");
  EXPECT_EQ(service.at("type").at("default"), "ClusterIP");
  const auto& port = schema_of(d, "io.k8s.api.core.v1.ServicePort");
  EXPECT_EQ(port.at("required"), json::parse(R"(["port"])"));
  EXPECT_EQ(port.at("properties").at("port").at("format"), "int32");
  const auto& pod = schema_of(d, "io.k8s.api.core.v1.PodSpec").at("properties").as_object();
  EXPECT_EQ(pod.at("volumes").at("x-kubernetes-patch-strategy"), "merge,retainKeys");
  // What is inlined stands in its owner.
  EXPECT_TRUE(schema_of(d, "io.k8s.api.core.v1.Volume").at("properties").as_object().contains("configMap"));
  EXPECT_FALSE(
      schema_of(d, "io.k8s.api.core.v1.Volume").at("properties").as_object().contains("volumeSource"));
}

TEST(OpenApi, Subresources) {
  const auto apps = document("apis/apps/v1");
  const auto* scale =
      object_in(apps, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "get");
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(text_in(*scale, "x-kubernetes-group-version-kind", "kind"), "Scale");
  const auto core = document("api/v1");
  const auto& paths = core.at("paths").as_object();
  EXPECT_TRUE(paths.at("/api/v1/namespaces/{namespace}/pods/{name}/eviction").as_object().contains("post"));
  EXPECT_TRUE(
      paths.at("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token").as_object().contains("post"));
  EXPECT_TRUE(paths.at("/api/v1/pods").as_object().contains("get"));
  EXPECT_FALSE(paths.at("/api/v1/pods").as_object().contains("post"));
  EXPECT_TRUE(paths.at("/api/v1/nodes/{name}/status").as_object().contains("patch"));
}

TEST(OpenApi, OperationIdsAreUnique) {
  for (const auto& [name, entry] : index()) {
    std::set<std::string> ids;
    for (const auto& [path, item] : document(name).at("paths").as_object())
      for (const auto& [method, operation] : item.as_object())
        if (const auto* o = operation.if_object())
          EXPECT_TRUE(ids.emplace(o->at("operationId").as_string()).second) << path << " " << method;
  }
}

}  // namespace
}  // namespace podwire::kube
