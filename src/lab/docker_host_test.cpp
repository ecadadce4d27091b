#include "lab/docker_host.h"

#include <gtest/gtest.h>

namespace podwire::lab {
namespace {

TEST(DockerHost, FindsTheNamespaceInInspect) {
  const auto path = sandbox_path(R"([{"Id":"x","NetworkSettings":{"SandboxKey":"/run/podwire/netns/c"}}])");
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, "/run/podwire/netns/c");
}

TEST(DockerHost, SaysWhatIsMissingInInspect) {
  for (const auto* text : {"", "[]", "{}", "[{}]", R"([{"NetworkSettings":{"SandboxKey":""}}])",
                           R"([{"NetworkSettings":{"SandboxKey":1}}])", "no json"})
    EXPECT_FALSE(sandbox_path(text)) << text;
}

TEST(DockerHost, WritesArgumentsAsAShellNeedsThem) {
  EXPECT_EQ(shell_word("8080:80"), "8080:80");
  EXPECT_EQ(shell_word("two words"), "'two words'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(DockerHost::typed({"container", "exec", "a", "sh", "-c", "echo $0"}),
            "podwire container exec a sh -c 'echo $0'");
}

}  // namespace
}  // namespace podwire::lab
