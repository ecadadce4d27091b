#include "kube/patch/json_patch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

struct Case {
  const char *target, *patch, *want;
};

class JsonPatch : public testing::TestWithParam<Case> {};

TEST_P(JsonPatch, Applies) {
  const auto got = apply_json_patch(json::parse(GetParam().target), json::parse(GetParam().patch));
  ASSERT_TRUE(got) << GetParam().patch;
  EXPECT_EQ(json::serialize(*got), json::serialize(json::parse(GetParam().want))) << GetParam().patch;
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6902, JsonPatch,
    testing::Values(
        Case{R"({"a":1})", R"([])", R"({"a":1})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
        Case{R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
        Case{R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":[2]}])", R"({"a":[1,[2]]})"},
        Case{R"({"a":[1]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2]})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"","value":{"z":1}}])", R"({"z":1})"},
        Case{R"({"a":1,"b":2,"c":3})", R"([{"op":"remove","path":"/a"}])", R"({"b":2,"c":3})"},
        Case{R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/1"}])", R"({"a":[1,3]})"},
        Case{R"({"a":1})", R"([{"op":"replace","path":"/a","value":{"b":2}}])", R"({"a":{"b":2}})"},
        Case{R"({"a":{"x":1},"b":{}})", R"([{"op":"move","from":"/a/x","path":"/b/y"}])",
             R"({"a":{},"b":{"y":1}})"},
        Case{R"({"a":[1,2,3]})", R"([{"op":"move","from":"/a/0","path":"/a/2"}])", R"({"a":[2,3,1]})"},
        Case{R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":1})"},
        Case{R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"}])",
             R"({"a":{"x":1},"b":{"x":1}})"},
        Case{R"({"a":1})", R"([{"op":"copy","from":"","path":"/b"}])", R"({"a":1,"b":{"a":1}})"},
        Case{R"({"a/b":1,"m~n":2})", R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])",
             R"({})"},
        Case{R"({"~1":1})", R"([{"op":"test","path":"/~01","value":1}])", R"({"~1":1})"},
        Case{R"({"":{"":5}})", R"([{"op":"replace","path":"//","value":6}])", R"({"":{"":6}})"},
        Case{R"({"a":{"x":1,"y":[2]}})", R"([{"op":"test","path":"/a","value":{"y":[2],"x":1}}])",
             R"({"a":{"x":1,"y":[2]}})"},
        Case{R"({})", R"([{"op":"test","path":"/a","value":null}])", R"({})"}));

struct Refusal {
  const char* patch;
  int code;
};

class JsonPatchRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(JsonPatchRefusal, HasItsCode) {
  const auto got =
      apply_json_patch(json::parse(R"({"a":{"b":1},"l":[1,2],"s":"x"})"), json::parse(GetParam().patch));
  ASSERT_FALSE(got) << GetParam().patch;
  EXPECT_EQ(got.error().code, GetParam().code) << GetParam().patch;
  if (GetParam().code == 422) {
    EXPECT_EQ(got.error().reason, "Invalid");
    EXPECT_EQ(got.error().message, "the server rejected our request due to an error in our request");
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonPatchRefusal,
    testing::Values(
        Refusal{R"({})", 400}, Refusal{R"("x")", 400}, Refusal{R"([1])", 400}, Refusal{R"([{}])", 400},
        Refusal{R"([{"op":"add","value":1}])", 400}, Refusal{R"([{"op":1,"path":"/a"}])", 400},
        Refusal{R"([{"op":"remove","path":7}])", 400}, Refusal{R"([{"op":"move","path":"/a"}])", 400},
        Refusal{R"([{"op":"frob","path":"/a","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/a"}])", 422}, Refusal{R"([{"op":"add","path":"a","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/a~2","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/a~","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/x/y","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/l/3","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/l/01","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/l/-1","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/l/1e0","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/l/99999999999999999999","value":1}])", 422},
        Refusal{R"([{"op":"add","path":"/s/x","value":1}])", 422},
        Refusal{R"([{"op":"remove","path":""}])", 422}, Refusal{R"([{"op":"remove","path":"/nope"}])", 422},
        Refusal{R"([{"op":"remove","path":"/l/-"}])", 422},
        Refusal{R"([{"op":"replace","path":"/nope","value":1}])", 422},
        Refusal{R"([{"op":"test","path":"/s","value":"y"}])", 422},
        Refusal{R"([{"op":"test","path":"/nope","value":1}])", 422},
        Refusal{R"([{"op":"copy","from":"/nope","path":"/b"}])", 422},
        Refusal{R"([{"op":"move","from":"/a","path":"/a/b/c"}])", 422}));

TEST(JsonPatchLimits, CountsOperations) {
  json::array patch;
  for (int i = 0; i < 10'000; ++i)
    patch.push_back(json::object{{"op", "test"}, {"path", "/a"}, {"value", 1}});
  const auto target = json::parse(R"({"a":1})");
  EXPECT_TRUE(apply_json_patch(target, patch));
  patch.push_back(patch.front());
  const auto got = apply_json_patch(target, patch);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, 413);
}

TEST(JsonPatchLimits, StopsADocumentThatDoubles) {
  json::array patch;
  for (int i = 0; i < 64; ++i)
    patch.push_back(json::object{{"op", "copy"}, {"from", "/l"}, {"path", "/l/-"}});
  const auto got = apply_json_patch(json::parse(R"({"l":[1]})"), patch);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, 413);
}

TEST(JsonPatchLimits, StopsADocumentThatDeepens) {
  json::array patch;
  std::string path;
  for (int i = 0; i < 200; ++i) {
    path += "/a";
    json::object operation{{"op", "add"}, {"path", path}};
    operation["value"].emplace_object();
    patch.push_back(std::move(operation));
  }
  const auto got = apply_json_patch(json::object(), patch);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, 413);
}

}  // namespace
}  // namespace podwire::kube
