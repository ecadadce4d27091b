#include "oci/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::oci {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "app:x:1000:100:App:/srv/app:/bin/sh\n";
constexpr std::string_view kGroup = "root:x:0:\nusers:x:100:\nwheel:x:10:root,app\nvideo:x:44:app\nshort\n";

TEST(User, DefaultsToRoot) { EXPECT_EQ(*find_user("", kPasswd, kGroup), (User{0, 0, {10}, "/root"})); }

TEST(User, ByNameBringsItsGroups) {
  EXPECT_EQ(*find_user("app", kPasswd, kGroup), (User{1000, 100, {10, 44}, "/srv/app"}));
  EXPECT_EQ(*find_user("1000", kPasswd, kGroup), (User{1000, 100, {10, 44}, "/srv/app"}));
}

TEST(User, AnExplicitGroupStandsAlone) {
  EXPECT_EQ(*find_user("app:wheel", kPasswd, kGroup), (User{1000, 10, {}, "/srv/app"}));
  EXPECT_EQ(*find_user("app:7", kPasswd, kGroup), (User{1000, 7, {}, "/srv/app"}));
}

TEST(User, NumbersNeedNoEntry) {
  EXPECT_EQ(*find_user("4711", kPasswd, kGroup), (User{4711, 0, {}, ""}));
  EXPECT_EQ(*find_user("4711:4712", "", ""), (User{4711, 4712, {}, ""}));
}

TEST(User, NamesDo) {
  EXPECT_THAT(find_user("nobody-here", kPasswd, kGroup).error().message(), HasSubstr("nobody-here"));
  EXPECT_THAT(find_user("app:none", kPasswd, kGroup).error().message(), HasSubstr("none"));
  EXPECT_FALSE(find_user("99999999999", kPasswd, kGroup));
}

}  // namespace
}  // namespace podwire::oci
