#include "lab/web.h"

#include <gmock/gmock.h>

namespace podwire::lab {
namespace {
using testing::HasSubstr;

TEST(Web, ReadsStatusAndBody) {
  const auto answer = parse_web_answer("HTTP/1.1 404 Not Found\r\nX: y\r\n\r\nnope\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "nope\n");
}

TEST(Web, RefusesWhatIsNotHttp) {
  for (const auto* text : {"", "SSH-2.0-x\r\n\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.0 abc\r\n\r\n", "HTTP/1.0",
                           "HTTP/1.0 99 Low\r\n\r\n"})
    EXPECT_FALSE(parse_web_answer(text)) << text;
}

TEST(Web, ServerAndClientMeetOnLoopback) {
  const auto here = kernel::NetNs::current();
  ASSERT_TRUE(here);
  const Endpoint local{*IpAddr::parse("127.0.0.1"), 38217};
  auto server = Greeter::start(*here, local);
  if (!server) GTEST_SKIP() << server.error().message();
  const auto answer = web_get(*here, local, "/");
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr("127.0.0.1 port " + std::to_string(answer->local.port)));
  EXPECT_THAT(server->take_clients(), testing::ElementsAre(answer->local));
  EXPECT_THAT(server->take_clients(), testing::IsEmpty());
}

TEST(Web, ARefusedConnectionIsAnError) {
  const auto here = kernel::NetNs::current();
  ASSERT_TRUE(here);
  const auto answer = web_get(*here, {*IpAddr::parse("127.0.0.1"), 1}, "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().sys_errno, ECONNREFUSED);
}

}  // namespace
}  // namespace podwire::lab
