#include "kube/patch/merge_patch.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

struct Case {
  const char *target, *patch, *want;
};

class MergePatch : public testing::TestWithParam<Case> {};

TEST_P(MergePatch, IsThatOfTheStandard) {
  auto target = json::parse(GetParam().target);
  apply_merge_patch(target, json::parse(GetParam().patch));
  EXPECT_EQ(json::serialize(target), json::serialize(json::parse(GetParam().want)));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc7386, MergePatch,
    testing::Values(Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                    Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                    Case{R"({"a":"b"})", R"({"a":null})", R"({})"},
                    Case{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                    Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                    Case{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                    Case{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                    Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                    Case{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                    Case{R"({"a":"b"})", R"(["c"])", R"(["c"])"}, Case{R"({"a":"foo"})", "null", "null"},
                    Case{R"({"a":"foo"})", R"("bar")", R"("bar")"},
                    Case{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                    Case{R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
                    Case{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
                    Case{R"({"x":1,"y":2,"z":3})", R"({"x":null})", R"({"y":2,"z":3})"}));

}  // namespace
}  // namespace podwire::kube
