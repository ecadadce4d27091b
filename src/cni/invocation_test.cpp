#include "cni/invocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using Variables = std::map<std::string, std::string>;

CniResult<Invocation> parse(const Variables& variables) {
  return parse_invocation([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
}

Variables add_with(Variables changes = {}) {
  Variables out{{"CNI_COMMAND", "ADD"},
                {"CNI_CONTAINERID", "c1"},
                {"CNI_NETNS", "/run/netns/a"},
                {"CNI_IFNAME", "eth0"}};
  for (auto& [name, value] : changes) out[name] = value;
  return out;
}

CniError error_of(const Variables& variables) {
  const auto parsed = parse(variables);
  EXPECT_FALSE(parsed);
  return parsed ? CniError{} : parsed.error();
}

TEST(Invocation, ReadsAnAdd) {
  const auto got = parse(
      add_with({{"CNI_PATH", "/opt/cni/bin:/usr/lib/cni:"}, {"CNI_ARGS", "IP=10.1.2.3;K8S_POD_NAME=a=b"}}));
  ASSERT_TRUE(got) << got.error().msg;
  EXPECT_EQ(got->command, Command::add);
  EXPECT_EQ(got->container_id, "c1");
  EXPECT_EQ(got->netns, "/run/netns/a");
  EXPECT_EQ(got->ifname, "eth0");
  EXPECT_THAT(got->path, ElementsAre("/opt/cni/bin", "/usr/lib/cni"));
  EXPECT_THAT(got->args, ElementsAre(Pair("IP", "10.1.2.3"), Pair("K8S_POD_NAME", "a=b")));
}

TEST(Invocation, NamesEveryVariableThatIsMissing) {
  const auto e = error_of({{"CNI_COMMAND", "ADD"}});
  EXPECT_EQ(e.code, Code::bad_environment);
  EXPECT_THAT(e.msg, HasSubstr("CNI_CONTAINERID is missing"));
  EXPECT_THAT(e.msg, HasSubstr("CNI_IFNAME is missing"));
  EXPECT_THAT(e.msg, HasSubstr("CNI_NETNS is missing"));
  EXPECT_EQ(error_of({}).msg, "CNI_COMMAND is missing");
}

TEST(Invocation, EachCommandNeedsItsOwnVariables) {
  EXPECT_TRUE(parse({{"CNI_COMMAND", "VERSION"}}));
  EXPECT_TRUE(parse({{"CNI_COMMAND", "STATUS"}}));
  EXPECT_TRUE(parse({{"CNI_COMMAND", "GC"}}));
  EXPECT_TRUE(parse(add_with({{"CNI_COMMAND", "DEL"}, {"CNI_NETNS", ""}})));
  EXPECT_THAT(error_of(add_with({{"CNI_COMMAND", "CHECK"}, {"CNI_NETNS", ""}})).msg, HasSubstr("CNI_NETNS"));
  EXPECT_THAT(error_of({{"CNI_COMMAND", "DEL"}, {"CNI_IFNAME", "eth0"}}).msg, HasSubstr("CNI_CONTAINERID"));
}

TEST(Invocation, VersionDoesNotLookAtTheRest) {
  EXPECT_TRUE(parse({{"CNI_COMMAND", "VERSION"}, {"CNI_IFNAME", "no good name at all"}, {"CNI_ARGS", "x"}}));
}

TEST(Invocation, RefusesAnUnknownCommand) {
  const auto e = error_of({{"CNI_COMMAND", "add"}});
  EXPECT_EQ(e.code, Code::bad_environment);
  EXPECT_THAT(e.msg, HasSubstr("CNI_COMMAND: \"add\""));
}

TEST(Invocation, ChecksNames) {
  EXPECT_TRUE(valid_container_id("0aZ_.-"));
  for (const auto* bad : {"", "-a", ".a", "a/b", "a b", "a\n", "\xc3\xa4"})
    EXPECT_FALSE(valid_container_id(bad)) << bad;
  EXPECT_TRUE(valid_ifname("eth0"));
  EXPECT_TRUE(valid_ifname("a12345678901234"));
  for (const auto* bad : {"", ".", "..", "a123456789012345", "a/b", "a:b", "a b", "a\tb", "eth%d", "a\xa0"})
    EXPECT_FALSE(valid_ifname(bad)) << bad;
  EXPECT_FALSE(valid_ifname(std::string_view("a\0b", 3)));
  const auto e = error_of(add_with({{"CNI_CONTAINERID", "../x"}, {"CNI_IFNAME", "a/b"}}));
  EXPECT_EQ(e.code, Code::bad_environment);
  EXPECT_THAT(e.msg, HasSubstr("CNI_CONTAINERID: \"../x\""));
  EXPECT_THAT(e.msg, HasSubstr("CNI_IFNAME: \"a/b\""));
}

TEST(Invocation, UnknownArgumentsNeedIgnoreUnknown) {
  EXPECT_THAT(error_of(add_with({{"CNI_ARGS", "FOO=1;IP=10.0.0.1;BAR=2"}})).msg,
              testing::AllOf(HasSubstr("FOO is unknown"), HasSubstr("BAR is unknown")));
  for (const auto* yes : {"1", "true", "TRUE"})
    EXPECT_TRUE(parse(add_with({{"CNI_ARGS", std::string("FOO=1;IgnoreUnknown=") + yes}}))) << yes;
  for (const auto* no : {"0", "false"})
    EXPECT_FALSE(parse(add_with({{"CNI_ARGS", std::string("FOO=1;IgnoreUnknown=") + no}}))) << no;
  EXPECT_THAT(error_of(add_with({{"CNI_ARGS", "IgnoreUnknown=maybe"}})).msg, HasSubstr("maybe"));
}

TEST(Invocation, RefusesArgumentsThatAreNoPairs) {
  EXPECT_EQ(error_of(add_with({{"CNI_ARGS", "IP"}})).code, Code::bad_environment);
  EXPECT_THAT(error_of(add_with({{"CNI_ARGS", "IP=1.2.3.4;=x"}})).msg, HasSubstr("\"=x\" is no KEY=VALUE"));
  EXPECT_TRUE(parse(add_with({{"CNI_ARGS", ";;"}})));
  EXPECT_TRUE(parse(add_with({{"CNI_ARGS", ""}})));
}

TEST(Invocation, DelDoesNotFailOverArguments) {
  const auto got = parse(add_with({{"CNI_COMMAND", "DEL"}, {"CNI_ARGS", "FOO=1;x;IgnoreUnknown=maybe"}}));
  ASSERT_TRUE(got) << got.error().msg;
}

TEST(Invocation, NamesItsCommands) {
  for (const auto* name : {"ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"}) {
    const auto got = parse(add_with({{"CNI_COMMAND", name}}));
    ASSERT_TRUE(got);
    EXPECT_EQ(name_of(got->command), name);
  }
}

}  // namespace
}  // namespace podwire::cni
