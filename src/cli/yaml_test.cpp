#include "cli/yaml.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::cli {
namespace {

std::string yaml(std::string_view json) { return to_yaml(boost::json::parse(json)); }

TEST(Yaml, ObjectsAndArrays) {
  EXPECT_EQ(yaml(R"({"name":"web","ports":[80,443],"empty":{},"none":[],"state":{"up":true,"code":null}})"),
            "name: web\nports:\n- 80\n- 443\nempty: {}\nnone: []\nstate:\n  up: true\n  code: null\n");
}

TEST(Yaml, ArraysOfObjectsAndOfArrays) {
  EXPECT_EQ(yaml(R"([{"a":1,"b":{"c":2}},[1,[2]],{}])"), "- a: 1\n  b:\n    c: 2\n- - 1\n  - - 2\n- {}\n");
  EXPECT_EQ(yaml(R"({"list":[{"a":[{"b":1}]}]})"), "list:\n- a:\n  - b: 1\n");
}

TEST(Yaml, QuotesWhatWouldBeReadAsSomethingElse) {
  for (const auto* text :
       {"",     "yes", "No", "NULL", "~",  "1",  "0x1f",       "1e3",           "-",  "- a", "a: b",
        "a #b", "a:",  "@x", "*x",   "&x", "!x", "2026-11-23", "172.17.0.0/16", "x ", " x",  "[a]",
        "{a}",  "'a'", "%a", "|",    ">",  "?"})
    EXPECT_EQ(yaml(R"({"k":")" + std::string(text) + "\"}"), "k: \"" + std::string(text) + "\"\n") << text;
  EXPECT_EQ(yaml(R"({"k":"line\nbreak \"q\""})"), "k: \"line\\nbreak \\\"q\\\"\"\n");
}

TEST(Yaml, LeavesPlainTextBare) {
  for (const auto* text : {"web", "/run/podwire", "br-0123", "a b", "a:b", "a#b", "yesterday", "sha256:00"})
    EXPECT_EQ(yaml(R"({"k":")" + std::string(text) + "\"}"), "k: " + std::string(text) + "\n");
}

TEST(Yaml, Scalars) {
  EXPECT_EQ(yaml("1"), "1\n");
  EXPECT_EQ(yaml("\"on\""), "\"on\"\n");
}

}  // namespace
}  // namespace podwire::cli
