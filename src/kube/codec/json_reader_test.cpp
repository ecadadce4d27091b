#include "kube/codec/json_reader.h"

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

using testing::ElementsAre;

TEST(JsonReader, ReadsEveryKindOfValue) {
  constexpr std::string_view kText =
      R"({"a":[1,-2,18446744073709551615,true,null,"\u20ac x"],"b":{"c":{}},"":"empty key"})";
  const auto parsed = parse_json(kText);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->duplicates.empty());
  EXPECT_EQ(json::serialize(parsed->value),
            "{\"a\":[1,-2,18446744073709551615,true,null,\"\u20ac x\"],\"b\":{\"c\":{}},\"\":\"empty key\"}");
}

TEST(JsonReader, TheLastOfDuplicatesStandsAndAllAreNamed) {
  const auto parsed = parse_json(
      R"({"spec":{"ports":[{"port":1},{"port":2,"name":"a","port":3}],"x":1,"x":2,"x":3},"k":{"x":1},"k":{"\u0078":9}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(json::serialize(parsed->value),
            R"({"spec":{"ports":[{"port":1},{"port":3,"name":"a"}],"x":3},"k":{"x":9}})");
  EXPECT_THAT(parsed->duplicates, ElementsAre("duplicate field \"spec.ports[1].port\"",
                                              "duplicate field \"spec.x\"", "duplicate field \"k\""));
}

TEST(JsonReader, EscapedKeysAreTheSameKeys) {
  const auto parsed = parse_json(R"({"ab":1,"a\u0062":2})");
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->duplicates, ElementsAre("duplicate field \"ab\""));
}

TEST(JsonReader, ReportsAreBounded) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":1,\"k" + std::to_string(i) + "\":2,";
  text.back() = '}';
  const auto parsed = parse_json(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->duplicates.size(), kMaxProblems);
  EXPECT_EQ(parsed->value.get_object().size(), 1000U);
}

TEST(JsonReader, Refusals) {
  for (const std::string_view text :
       {"", "{", "{} {}", "{\"a\":1,}", "// no\n{}", "{\"a\":\"\xff\"}", "nul", "{\"a\":1e}"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, 400);
    EXPECT_TRUE(parsed.error().message.starts_with("json parse error: ")) << parsed.error().message;
  }
}

TEST(JsonReader, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth)));
  EXPECT_EQ(parse_json(nested(kMaxJsonDepth + 1)).error().message,
            "json parse error: nested deeper than 100 levels");
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace podwire::kube
