#include "cni/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::cni {
namespace {

namespace json = boost::json;
using testing::ElementsAre;

json::object object(const char* text) { return json::parse(text).as_object(); }

TEST(Field, FindsKeysInAnySpelling) {
  const auto o = object(R"({"HairPinMode":true})");
  bool hairpin = false;
  ASSERT_TRUE(Field(o).member("hairpinMode")->read(hairpin));
  EXPECT_TRUE(hairpin);
}

TEST(Field, RefusesTwoSpellingsOfOneKey) {
  const auto o = object(R"({"mtu":1500,"MTU":1400})");
  const auto field = Field(o).member("mtu");
  ASSERT_FALSE(field);
  EXPECT_EQ(field.error().msg, "mtu: 1400 is given a second time, in another spelling of the key");
}

TEST(Field, AbsentAndNullLeaveTheDefault) {
  const auto o = object(R"({"a":null,"b":{}})");
  std::string text = "default";
  EXPECT_TRUE(Field(o).member("a")->read(text));
  EXPECT_TRUE(Field(o).member("c")->read(text));
  EXPECT_TRUE(Field(o).member("a")->member("deep")->read(text));
  EXPECT_TRUE(Field(o).member("b")->member("deep")->read(text));
  EXPECT_EQ(text, "default");
}

TEST(Field, NamesThePathAndWhatWasFound) {
  const auto o = object(R"({"a":{"b":[[1],["x",{"c":-1}]]}})");
  const auto b = Field(o, "root").member("a")->member("b");
  std::string msg;
  EXPECT_FALSE(b->each([&](const Field& list) {
    return list.each([&](const Field& element) -> CniResult<> {
      if (!element.is_object()) return {};
      std::uint16_t port = 0;
      const auto read = element.member("c")->read(port);
      if (!read) msg = read.error().msg;
      return read;
    });
  }));
  EXPECT_EQ(msg, "root.a.b[1][1].c: -1 is no whole number from 0 to 65535");
}

TEST(Field, TellsWrongTypes) {
  const auto o = object(R"({"s":"x","n":1,"f":1.5,"b":true,"l":[1],"o":{}})");
  const auto field = [&](const char* key) { return *Field(o).member(key); };
  std::string s;
  bool b = false;
  std::uint32_t n = 0;
  std::vector<std::string> l;
  EXPECT_EQ(field("n").read(s).error().msg, "n: 1 is no string");
  EXPECT_EQ(field("s").read(b).error().msg, "s: \"x\" is neither true nor false");
  EXPECT_EQ(field("s").read(n).error().msg, "s: \"x\" is no number");
  EXPECT_EQ(field("f").read(n).error().msg, "f: 1.5E0 is no whole number from 0 to 4294967295");
  EXPECT_EQ(field("o").read(l).error().msg, "o: {} is no list");
  EXPECT_EQ(field("l").read(l).error().msg, "l[0]: 1 is no string");
  EXPECT_EQ(field("b").member("x").error().msg, "b: true is no object");
  EXPECT_EQ(field("o").read(s).error().msg, "o: {} is no string");
  EXPECT_EQ(Field(o).read(s).error().msg, "is no string");  // the root has no name
}

TEST(Field, TakesNumbersUpToTheTypesLimit) {
  const auto o = object(R"({"a":18446744073709551615,"b":4294967295,"c":18446744073709551616})");
  std::uint64_t n = 0;
  EXPECT_TRUE(Field(o).member("a")->read(n));
  EXPECT_EQ(n, ~std::uint64_t{0});
  EXPECT_FALSE(Field(o).member("c")->read(n));
  std::optional<std::uint32_t> m;
  EXPECT_TRUE(Field(o).member("b")->read(m));
  EXPECT_EQ(m, 4294967295U);
}

TEST(Field, RefusesNulCharacters) {
  const auto o = object(R"({"a":"eth0\u0000x"})");
  std::string text;
  EXPECT_EQ(Field(o).member("a")->read(text).error().msg, "a: \"eth0\\u0000x\" contains a NUL character");
}

TEST(Field, RequiredStringsMustSaySomething) {
  const auto o = object(R"({"a":"","b":null})");
  std::string text;
  EXPECT_EQ(Field(o).member("a")->require(text).error().msg, "a is empty");
  EXPECT_EQ(Field(o).member("b")->require(text).error().msg, "b is missing");
}

TEST(Field, UsesTheRootsCode) {
  const auto o = object(R"({"a":1})");
  std::string text;
  EXPECT_EQ(Field(o, "x", Code::decode_failure).member("a")->read(text).error().code, Code::decode_failure);
}

TEST(Shown, CutsLongValuesBetweenCharacters) {
  EXPECT_EQ(shown(json::value("short")), "\"short\"");
  const std::string umlauts = [] {
    std::string out;
    for (int i = 0; i < 100; ++i) out += "\xc3\xa4";
    return out;
  }();
  const auto text = shown(json::value(umlauts));
  EXPECT_EQ(text, "\"" + umlauts.substr(0, 78) + "...");
  EXPECT_EQ(as_utf8(text), text);
}

}  // namespace
}  // namespace podwire::cni
