#include "kube/codec/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "kube/json.h"

namespace podwire::kube {
namespace {

json::object document(std::string_view group_version) {
  const OpenApi api(Schema::builtin());
  const auto text = api.document(group_version);
  return text.empty() ? json::object() : json::parse(text).as_object();
}

const json::object& core() {
  static const auto it = document("api/v1");
  return it;
}

json::value core_property(std::string_view type, std::string_view name) {
  const auto* out = in(core(), "components", "schemas",
                       std::string("io.k8s.api.core.v1.") + std::string(type), "properties", name);
  return out != nullptr ? *out : json::value("absent");
}

std::set<std::string> names(const json::object& operation) {
  std::set<std::string> out;
  if (const auto* parameters = array_in(operation, "parameters"))
    for (const auto& p : *parameters) out.emplace(p.at("name").as_string());
  return out;
}

/// Calls `see` with every reference's text.
void each_ref(const json::value& v, const auto& see) {
  if (const auto* list = v.if_array())
    for (const auto& element : *list) each_ref(element, see);
  if (const auto* object = v.if_object())
    for (const auto& [key, value] : *object) {
      if (key == "$ref" && value.is_string()) see(std::string(value.get_string()));
      each_ref(value, see);
    }
}

TEST(OpenApi, TheIndexNamesEveryDocumentByItsContent) {
  const OpenApi api(Schema::builtin());
  const auto index = json::parse(api.index()).as_object();
  const auto* paths = object_in(index, "paths");
  ASSERT_NE(paths, nullptr);
  std::set<std::string> urls;
  for (const auto& [name, entry] : *paths) {
    EXPECT_FALSE(api.document(name).empty()) << name;
    const std::string url(entry.at("serverRelativeURL").as_string());
    EXPECT_TRUE(url.starts_with("/openapi/v3/" + std::string(name) + "?hash=")) << url;
    urls.insert(url.substr(url.find('=')));
  }
  EXPECT_EQ(urls.size(), paths->size());
  EXPECT_TRUE(paths->contains("api/v1"));
  EXPECT_TRUE(paths->contains("apis/apps/v1"));
  EXPECT_FALSE(paths->contains("apis/autoscaling/v1"));  // Scale has no path of its own
  EXPECT_EQ(OpenApi(Schema::builtin()).index(), api.index());
}

TEST(OpenApi, AHashChangesWithTheContent) {
  const auto index = [](std::string_view description) {
    auto schema = Schema::parse("package t.v1\ngroup t v1\ntype Thing : " + std::string(description) +
                                "\n  1 name string\nkind Thing things\n");
    return OpenApi(*schema).index();
  };
  EXPECT_EQ(index("A thing."), index("A thing."));
  EXPECT_NE(index("A thing."), index("Another thing."));
}

TEST(OpenApi, UnknownGroupVersionsHaveNoDocument) {
  const OpenApi api(Schema::builtin());
  for (const std::string_view name : {"", "api", "api/v2", "apis/apps", "apis/autoscaling/v1", "apps/v1"})
    EXPECT_EQ(api.document(name), "") << name;
}

TEST(OpenApi, EveryReferenceIsThere) {
  const auto index = json::parse(OpenApi(Schema::builtin()).index());
  for (const auto& [name, entry] : index.at("paths").as_object()) {
    const auto whole = document(name);
    const auto* schemas = object_in(whole, "components", "schemas");
    ASSERT_NE(schemas, nullptr);
    std::set<std::string> used;
    each_ref(json::value(whole), [&](const std::string& ref) {
      const std::string prefix = "#/components/schemas/";
      ASSERT_TRUE(ref.starts_with(prefix));
      used.insert(ref.substr(prefix.size()));
    });
    for (const auto& type : used) EXPECT_TRUE(schemas->contains(type)) << name << " " << type;
    for (const auto& [type, schema] : *schemas) {
      EXPECT_EQ(used.count(std::string(type)), 1U) << name << " has " << type << " for nothing";
      EXPECT_TRUE(schema.is_object() &&
                  (schema.as_object().contains("type") || schema.as_object().contains("oneOf")))
          << type;
    }
  }
}

TEST(OpenApi, OperationIdsAreUnique) {
  std::set<std::string> seen;
  for (const auto& [path, item] : core().at("paths").as_object())
    for (const auto& [method, operation] : item.as_object())
      if (operation.is_object())
        EXPECT_TRUE(seen.emplace(operation.at("operationId").as_string()).second) << path << method;
  for (const auto* id : {"listCoreV1NamespacedPod", "listCoreV1PodForAllNamespaces", "readCoreV1Node",
                         "patchCoreV1NamespacedPodStatus", "deleteCoreV1CollectionNamespacedService",
                         "createCoreV1NamespacedServiceAccountToken", "connectCoreV1GetNamespacedPodExec",
                         "createCoreV1NamespacedPodEviction"})
    EXPECT_TRUE(seen.contains(id)) << id;
  EXPECT_FALSE(seen.contains("deleteCoreV1CollectionNamespace"));
  const auto rbac = document("apis/rbac.authorization.k8s.io/v1");
  EXPECT_EQ(
      text_in(rbac, "paths", "/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}", "get", "operationId"),
      "readRbacAuthorizationV1ClusterRole");
}

TEST(OpenApi, WritesTakeTheParametersThatKubectlLooksFor) {
  const auto apps = document("apis/apps/v1");
  const std::string item = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
  const auto* patch = object_in(apps, "paths", item, "patch");
  ASSERT_NE(patch, nullptr);
  EXPECT_EQ(names(*patch), (std::set<std::string>{"dryRun", "fieldManager", "fieldValidation", "force"}));
  EXPECT_EQ(patch->at("x-kubernetes-group-version-kind"),
            json::parse(R"({"group":"apps","kind":"Deployment","version":"v1"})"));
  EXPECT_EQ(patch->at("x-kubernetes-action"), "patch");
  EXPECT_EQ(patch->at("requestBody").at("content").as_object().size(), 4U);
  const std::set<std::string> write{"dryRun", "fieldManager", "fieldValidation"};
  EXPECT_EQ(names(*object_in(apps, "paths", item, "put")), write);
  EXPECT_EQ(names(*object_in(apps, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments", "post")),
            write);
  EXPECT_EQ(names(*object_in(apps, "paths", item)), (std::set<std::string>{"name", "namespace"}));
  EXPECT_EQ(text_in(apps, "paths", item + "/scale", "put", "x-kubernetes-group-version-kind", "kind"),
            "Scale");
}

TEST(OpenApi, StreamsSayWhatTheirQueriesMean) {
  const std::string pod = "/api/v1/namespaces/{namespace}/pods/{name}/";
  const auto of = [&](std::string_view sub) {
    return names(*object_in(core(), "paths", pod + std::string(sub), "get"));
  };
  EXPECT_EQ(of("exec"), (std::set<std::string>{"command", "container", "stderr", "stdin", "stdout", "tty"}));
  EXPECT_EQ(of("attach"), (std::set<std::string>{"container", "stderr", "stdin", "stdout", "tty"}));
  EXPECT_EQ(of("portforward"), std::set<std::string>{"ports"});
  for (const char* name : {"follow", "tailLines", "container", "previous", "sinceSeconds"})
    EXPECT_TRUE(of("log").contains(name)) << name;
}

TEST(OpenApi, PostedKindsAreOnlyPosted) {
  const auto reviews = document("apis/authorization.k8s.io/v1");
  const auto* path = object_in(reviews, "paths", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(path->size(), 1U);
  EXPECT_TRUE(path->contains("post"));
  EXPECT_FALSE(document("apis/authentication.k8s.io/v1")
                   .at("paths")
                   .as_object()
                   .contains("/apis/authentication.k8s.io/v1/namespaces/{namespace}/tokenrequests"));
}

TEST(OpenApi, ScalarsAsKubernetesWritesThem) {
  const auto without_text = [](json::value v) {
    v.as_object().erase("description");
    return v;
  };
  const std::string amount = "io.k8s.apimachinery.pkg.api.resource.Quantity";
  const std::string port = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
  const auto& schemas = core().at("components").at("schemas");
  EXPECT_EQ(without_text(schemas.at(port)),
            json::parse(R"({"format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]})"));
  EXPECT_EQ(without_text(schemas.at(amount)),
            json::parse(R"({"oneOf":[{"type":"string"},{"type":"number"}]})"));
  EXPECT_EQ(without_text(core_property("ServicePort", "targetPort")),
            json::parse(R"({"allOf":[{"$ref":"#/components/schemas/)" + port + R"("}]})"));
  EXPECT_EQ(without_text(core_property("ServicePort", "protocol")),
            json::parse(R"({"type":"string","default":"TCP","enum":["TCP","UDP","SCTP"]})"));
  EXPECT_EQ(without_text(core_property("NodeStatus", "capacity")),
            json::parse(R"({"type":"object","additionalProperties":{"$ref":"#/components/schemas/)" + amount +
                        R"("}})"));
  EXPECT_EQ(without_text(core_property("Secret", "data")),
            json::parse(R"({"type":"object","additionalProperties":{"type":"string","format":"byte"}})"));
  const auto tokens = document("apis/authentication.k8s.io/v1");
  EXPECT_EQ(without_text(tokens.at("components")
                             .at("schemas")
                             .at("io.k8s.api.authentication.v1.UserInfo")
                             .at("properties")
                             .at("extra")),
            json::parse(R"({"type":"object",
                            "additionalProperties":{"type":"array","items":{"type":"string"}}})"));
}

TEST(OpenApi, ListsSayHowTheyAreMerged) {
  const auto ports = core_property("ServiceSpec", "ports");
  EXPECT_EQ(ports.at("x-kubernetes-list-type"), "map");
  EXPECT_EQ(ports.at("x-kubernetes-list-map-keys"), json::parse(R"(["port","protocol"])"));
  EXPECT_EQ(ports.at("x-kubernetes-patch-merge-key"), "port");
  EXPECT_EQ(ports.at("x-kubernetes-patch-strategy"), "merge");
  EXPECT_EQ(ports.at("items"),
            json::parse(R"({"$ref":"#/components/schemas/io.k8s.api.core.v1.ServicePort"})"));
  EXPECT_EQ(core_property("PodSpec", "volumes").at("x-kubernetes-patch-strategy"), "merge,retainKeys");
  EXPECT_EQ(core_property("PodSpec", "nodeSelector").at("x-kubernetes-map-type"), "atomic");
  EXPECT_EQ(core_property("PodSpec", "tolerations").at("x-kubernetes-list-type"), "atomic");
}

TEST(OpenApi, AReferenceWithMoreToSayStandsInAllOf) {
  const auto security = core_property("PodSpec", "securityContext");
  EXPECT_EQ(security.at("allOf"),
            json::parse(R"([{"$ref":"#/components/schemas/io.k8s.api.core.v1.PodSecurityContext"}])"));
  EXPECT_EQ(security.at("default"), json::object());
  EXPECT_FALSE(security.as_object().contains("$ref"));
}

TEST(OpenApi, InlinedMessagesStandInTheirOuterOne) {
  EXPECT_TRUE(core_property("Volume", "emptyDir").is_object());
  EXPECT_EQ(core_property("Volume", "volumeSource"), "absent");
  EXPECT_EQ(core()
                .at("components")
                .at("schemas")
                .at("io.k8s.api.core.v1.ConfigMapKeySelector")
                .at("x-kubernetes-map-type"),
            "atomic");
}

TEST(OpenApi, KindsAreNamedOnTheirMessages) {
  const auto& schemas = core().at("components").at("schemas");
  EXPECT_EQ(schemas.at("io.k8s.api.core.v1.Pod").at("x-kubernetes-group-version-kind"),
            json::parse(R"([{"group":"","kind":"Pod","version":"v1"}])"));
  EXPECT_EQ(schemas.at("io.k8s.api.core.v1.PodList").at("x-kubernetes-group-version-kind"),
            json::parse(R"([{"group":"","kind":"PodList","version":"v1"}])"));
  const auto& options = schemas.at("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")
                            .at("x-kubernetes-group-version-kind")
                            .as_array();
  EXPECT_NE(
      std::ranges::find(options, json::parse(R"({"group":"apps","kind":"DeleteOptions","version":"v1"})")),
      options.end());
  EXPECT_EQ(schemas.at("io.k8s.api.core.v1.Container").at("required"), json::parse(R"(["name"])"));
}

TEST(OpenApi, MessagesMayHoldThemselves) {
  const auto schema =
      Schema::parse("package t.v1\ngroup t v1\ntype Tree : A tree.\n  1 child Tree\nkind Tree trees\n");
  ASSERT_TRUE(schema) << schema.error().message();
  const auto whole = json::parse(OpenApi(*schema).document("apis/t/v1"));
  EXPECT_EQ(whole.at("components").at("schemas").at("t.v1.Tree").at("properties").at("child"),
            json::parse(R"({"$ref":"#/components/schemas/t.v1.Tree"})"));
}

}  // namespace
}  // namespace podwire::kube
