#include <fmt/format.h>

#include "kube/rules/rules_testing.h"
#include "kube/schema.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kAccount =
    R"({"metadata":{"name":"a","namespace":"default","labels":{},"annotations":{},"ownerReferences":[],"finalizers":[]}})";

std::string refused(std::initializer_list<Change> changes) {
  return on_create("serviceaccounts", kAccount, changes);
}

TEST(Metadata, IsGood) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/metadata/labels/example.com~1app", R"("web_1.x")"},
                     {"/metadata/annotations/Example.COM~1Any", R"("any text at all")"},
                     {"/metadata/finalizers/-", R"("example.com/hold")"},
                     {"/metadata/finalizers/-", R"("foregroundDeletion")"},
                     {"/metadata/ownerReferences/-",
                      R"({"apiVersion":"v1","kind":"Pod","name":"p","uid":"u","controller":true})"}}),
            "accepted");
}

TEST(Metadata, Names) {
  EXPECT_EQ(refused({{"/metadata/name", R"("My_App")"}}),
            fmt::format(R"(metadata.name: Invalid value: "My_App": {})", kSubdomain));
  EXPECT_EQ(refused({{"/metadata/name", ""}}),
            "metadata.name: Required value: name or generateName is required");
  EXPECT_EQ(refused({{"/metadata/namespace", ""}}), "metadata.namespace: Required value");
  EXPECT_EQ(refused({{"/metadata/namespace", R"("a.b")"}}),
            R"(metadata.namespace: Invalid value: "a.b": must not contain dots)");
  EXPECT_EQ(refused({{"/metadata/generateName", R"("web-")"}}), "accepted");
  EXPECT_EQ(refused({{"/metadata/generateName", R"("Web-")"}}),
            fmt::format(R"(metadata.generateName: Invalid value: "Web-": {})", kSubdomain));
  EXPECT_EQ(refused({{"/metadata/name", fmt::format("\"{}\"", std::string(254, 'a'))}}),
            fmt::format("metadata.name: Invalid value: \"{}\": must be no more than 253 bytes",
                        std::string(254, 'a')));
}

TEST(Metadata, OfClusterWideKindsHasNoNamespace) {
  EXPECT_EQ(on_create("nodes", R"({"metadata":{"name":"n"}})", {}), "accepted");
  EXPECT_EQ(on_create("nodes", R"({"metadata":{"name":"n","namespace":"x"}})", {}),
            "metadata.namespace: Forbidden: not allowed on this type");
}

TEST(Metadata, Labels) {
  EXPECT_EQ(
      refused({{"/metadata/labels/-app", R"("x")"}}),
      R"(metadata.labels: Invalid value: "-app": name part must consist of alphanumeric characters, '-', '_' or )"
      R"('.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', )"
      R"(regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'))");
  EXPECT_EQ(
      refused({{"/metadata/labels/app", R"("a b")"}}),
      R"(metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric )"
      R"(characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or )"
      R"('my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'))");
  const std::string longest(64, 'a');
  EXPECT_EQ(refused({{"/metadata/labels/app", "\"" + longest + "\""}}),
            "metadata.labels: Invalid value: \"" + longest + "\": must be no more than 63 bytes");
}

TEST(Metadata, AnnotationsHaveALimitOfSize) {
  const auto text = "\"" + std::string(262145, 'x') + "\"";
  EXPECT_EQ(refused({{"/metadata/annotations/a", text}}),
            "metadata.annotations: Too long: may not be more than 262144 bytes");
}

TEST(Metadata, Owners) {
  EXPECT_EQ(refused({{"/metadata/ownerReferences/-", R"({"apiVersion":"v1","kind":"Pod","name":"p"})"}}),
            R"(metadata.ownerReferences.uid: Invalid value: "": must not be empty)");
  const auto owner = [](std::string_view name) {
    return fmt::format(R"({{"apiVersion":"v1","kind":"Pod","name":"{}","uid":"u","controller":true}})", name);
  };
  EXPECT_TRUE(
      refused({{"/metadata/ownerReferences/-", owner("a")}, {"/metadata/ownerReferences/-", owner("b")}})
          .ends_with("Only one reference can have Controller set to true. Found \"true\" in references for "
                     "Pod/a and Pod/b"));
}

TEST(Metadata, Finalizers) {
  EXPECT_EQ(
      refused({{"/metadata/finalizers/-", R"("mine")"}}),
      R"(metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it )"
      "fully qualified");
  EXPECT_EQ(refused({{"/metadata/finalizers/-", R"("orphan")"},
                     {"/metadata/finalizers/-", R"("foregroundDeletion")"}}),
            R"(metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and )"
            "foregroundDeletion cannot be both set");
}

TEST(Metadata, UpdatesKeepWhatIsImmutable) {
  constexpr std::string_view kStored =
      R"({"metadata":{"name":"a","namespace":"default","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z","finalizers":[]}})";
  EXPECT_EQ(on_update("serviceaccounts", kStored, {{"/metadata/labels", R"({"a":"b"})"}}), "accepted");
  EXPECT_EQ(on_update("serviceaccounts", kStored, {{"/metadata/uid", R"("other")"}}),
            R"(metadata.uid: Invalid value: "other": field is immutable)");
  EXPECT_EQ(on_update("serviceaccounts", kStored, {{"/metadata/creationTimestamp", ""}}),
            "metadata.creationTimestamp: Invalid value: null: field is immutable");
}

TEST(Metadata, WhatIsBeingDeletedGetsNoNewFinalizers) {
  constexpr std::string_view kDying =
      R"({"metadata":{"name":"a","namespace":"default","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["x.io/a"]}})";
  EXPECT_EQ(on_update("serviceaccounts", kDying, {{"/metadata/finalizers", "[]"}}), "accepted");
  EXPECT_EQ(
      on_update("serviceaccounts", kDying, {{"/metadata/finalizers/-", R"("x.io/b")"}}),
      R"(metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new )"
      R"(finalizers []string{"x.io/b"})");
}

TEST(Rules, AreThereForEveryStoredKind) {
  for (const auto& resource : Schema::builtin().resources()) {
    if (!resource.stored) continue;
    const auto& rules = rules_of(GroupResource{resource.group, resource.plural}.str());
    EXPECT_EQ(rules.kind, resource.kind);
    EXPECT_EQ(rules.group, resource.group);
    EXPECT_EQ(rules.namespaced, resource.namespaced) << resource.kind;
  }
  EXPECT_THROW((void)rules_of("unicorns"), std::logic_error);
}

}  // namespace
}  // namespace podwire::kube
