#include "kube/patch/field_set.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

FieldSet set_of(std::string_view fields) { return FieldSet::from_json(json::parse(fields).as_object()); }

std::string text(const FieldSet& set) { return json::serialize(set.to_json()); }

TEST(FieldSet, ReadsAndWritesFieldsV1) {
  for (const auto* fields :
       {R"({})", R"({"f:a":{}})", R"({"f:a":{"f:b":{},"f:c":{}}})", R"({"f:a":{".":{},"f:b":{}}})",
        R"({"f:c":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}},"f:f":{".":{},"v:\"x\"":{}}})"})
    EXPECT_EQ(text(set_of(fields)), fields);
}

TEST(FieldSet, ReadsNonsenseAsNothing) {
  EXPECT_TRUE(set_of(R"({"f:a":1,"f:b":[],"f:c":{"f:d":null}})").empty());
}

TEST(FieldSet, Unites) {
  auto set = set_of(R"({"f:a":{"f:b":{}}})");
  set.unite(set_of(R"({"f:a":{},"f:c":{}})"));
  EXPECT_EQ(text(set), R"({"f:a":{".":{},"f:b":{}},"f:c":{}})");
}

TEST(FieldSet, IntersectsMembersOnly) {
  const auto a = set_of(R"({"f:a":{".":{},"f:b":{},"f:c":{}},"f:d":{"f:e":{}}})");
  EXPECT_EQ(text(a.intersection(set_of(R"({"f:a":{"f:b":{}},"f:d":{}})"))), R"({"f:a":{"f:b":{}}})");
  EXPECT_TRUE(a.intersection({}).empty());
  EXPECT_EQ(a.intersection(a), a);
}

TEST(FieldSet, SubtractsMembersOrTrees) {
  const auto whole = set_of(R"({"f:a":{".":{},"f:b":{}},"f:c":{"f:d":{}}})");
  const auto less = set_of(R"({"f:a":{},"f:c":{},"f:z":{}})");
  auto members = whole;
  members.subtract(less);
  EXPECT_EQ(text(members), R"({"f:a":{"f:b":{}},"f:c":{"f:d":{}}})");
  auto trees = whole;
  trees.subtract_trees(less);
  EXPECT_TRUE(trees.empty());
}

TEST(FieldSet, LeavesNoEmptyBranches) {
  auto set = set_of(R"({"f:a":{"f:b":{"f:c":{}}}})");
  set.subtract(set_of(R"({"f:a":{"f:b":{"f:c":{}}}})"));
  EXPECT_TRUE(set.children.empty());
}

TEST(FieldSet, NamesPathsForPeople) {
  const auto set = set_of(
      R"({"f:spec":{"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}},
          "f:finalizers":{"v:\"x\"":{}},"f:l":{"i:0":{}}}})");
  EXPECT_EQ(set.paths(), (std::vector<std::string>{".spec.finalizers[=\"x\"]", ".spec.l[0]",
                                                   ".spec.ports[containerPort=80,protocol=\"TCP\"]",
                                                   ".spec.ports[containerPort=80,protocol=\"TCP\"].name"}));
}

}  // namespace
}  // namespace podwire::kube
