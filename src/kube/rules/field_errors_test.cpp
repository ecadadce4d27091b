#include "kube/rules/field_errors.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::kube {
namespace {

json::object parsed(std::string_view text) { return json::parse(text).get_object(); }

TEST(FieldErrors, OneErrorIsSaidAlone) {
  const auto pod = parsed(R"({"spec":{}})");
  FieldErrors errors;
  FieldCursor(pod, errors)["spec"]["containers"].required();
  const auto answer = errors.answer("", "Pod", "web");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, 422);
  EXPECT_EQ(answer.error().reason, "Invalid");
  EXPECT_EQ(answer.error().message, R"(Pod "web" is invalid: spec.containers: Required value)");
  EXPECT_EQ(answer.error().causes,
            (std::vector<Cause>{{"FieldValueRequired", "Required value", "spec.containers"}}));
}

TEST(FieldErrors, SeveralStandInBracketsAndEachOnce) {
  const auto object = parsed(R"({"a":"x","b":[1,2]})");
  FieldErrors errors;
  const FieldCursor root(object, errors);
  root["a"].invalid("must be y");
  root["a"].invalid("must be y");
  root["b"].at_index(1).forbidden("too big");
  const auto status = errors.answer("apps", "Deployment", "web").error();
  EXPECT_EQ(
      status.message,
      R"(Deployment.apps "web" is invalid: [a: Invalid value: "x": must be y, b[1]: Forbidden: too big])");
  EXPECT_EQ(status.group, "apps");
  EXPECT_EQ(status.kind, "Deployment");
}

TEST(FieldErrors, NoneIsSuccess) { EXPECT_TRUE(FieldErrors().answer("", "Pod", "web")); }

TEST(FieldErrors, EveryKindHasItsWords) {
  const auto object = parsed(R"({"n":7,"t":"a\"b","o":{"k":1},"l":["x","y"]})");
  FieldErrors errors;
  const FieldCursor root(object, errors);
  root["n"].invalid("must be small");
  root["t"].invalid("no");
  root["o"].invalid("no");
  root["t"].not_supported({"A", "B"});
  root["absent"].not_supported({"A"});
  root["t"].duplicate();
  root["n"].duplicate();
  root["t"].not_found();
  root["t"].too_long(262144);
  root["t"].too_long(1);
  root["l"].too_many(2, 1);
  root["t"].required("because");
  std::vector<std::string> messages;
  for (const auto& cause : errors.causes()) messages.push_back(cause.message);
  EXPECT_EQ(messages, (std::vector<std::string>{
                          "Invalid value: 7: must be small",
                          R"(Invalid value: "a\"b": no)",
                          R"(Invalid value: {"k":1}: no)",
                          R"(Unsupported value: "a\"b": supported values: "A", "B")",
                          R"(Unsupported value: "": supported values: "A")",
                          R"(Duplicate value: "a\"b")",
                          "Duplicate value: 7",
                          R"(Not found: "a\"b")",
                          "Too long: may not be more than 262144 bytes",
                          "Too long: may not be more than 1 byte",
                          "Too many: 2: must have at most 1 item",
                          "Required value: because",
                      }));
}

TEST(FieldCursor, WalksListsAndMaps) {
  const auto object = parsed(R"({"list":[{"a":1},{"a":2}],"map":{"x/y":"v"}})");
  FieldErrors errors;
  const FieldCursor root(object, errors);
  std::vector<std::string> paths;
  root["list"].each([&](const FieldCursor& item) { paths.push_back(item["a"].path()); });
  root["map"].each_entry([&](std::string_view key, const FieldCursor& entry) {
    EXPECT_EQ(key, "x/y");
    EXPECT_EQ(entry.text(), "v");
    paths.push_back(entry.path());
  });
  root["map"].each([&](const FieldCursor&) { ADD_FAILURE(); });
  EXPECT_EQ(paths, (std::vector<std::string>{"list[0].a", "list[1].a", "map[x/y]"}));
}

TEST(FieldCursor, WhatIsNotThereIsEmpty) {
  const auto object = parsed(R"({"null":null,"zero":0,"text":"t","empty":[]})");
  FieldErrors errors;
  const FieldCursor root(object, errors);
  EXPECT_FALSE(root["null"].present());
  EXPECT_FALSE(root["none"]["deeper"].present());
  EXPECT_EQ(root["none"].at_index(3)["x"].text(), "");
  EXPECT_TRUE(root["zero"].present());
  EXPECT_EQ(root["zero"].number(5), 0);
  EXPECT_EQ(root["none"].number(5), 5);
  EXPECT_TRUE(root["empty"].empty());
  EXPECT_FALSE(root["text"].empty());
}

TEST(FieldPath, StopsGrowingSomewhere) {
  FieldPath path;
  for (int i = 0; i < 100; ++i) path = path.child("a");
  EXPECT_LT(path.str().size(), 100U);
}

}  // namespace
}  // namespace podwire::kube
