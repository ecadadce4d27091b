#include "lab/socket_address.h"

#include <gtest/gtest.h>

namespace podwire::lab {
namespace {

Endpoint endpoint(const char* addr, std::uint16_t port) { return {*IpAddr::parse(addr), port}; }

TEST(Endpoint, PrintsBothFamilies) {
  EXPECT_EQ(endpoint("192.0.2.1", 80).str(), "192.0.2.1:80");
  EXPECT_EQ(endpoint("2001:db8::1", 80).str(), "[2001:db8::1]:80");
}

TEST(Endpoint, SurvivesTheKernel) {
  const auto here = kernel::NetNs::current();
  ASSERT_TRUE(here);
  for (const auto& any : {endpoint("127.0.0.1", 0), endpoint("::1", 0)}) {
    const auto socket = open_socket(*here, any.addr.family(), SOCK_DGRAM);
    ASSERT_TRUE(socket) << socket.error().message();
    if (!bind_to(socket->get(), any)) GTEST_SKIP() << "no " << any.addr.str() << " here";
    sockaddr_storage got{};
    socklen_t length = sizeof got;
    ASSERT_EQ(::getsockname(socket->raw(), reinterpret_cast<sockaddr*>(&got), &length), 0);
    EXPECT_EQ(endpoint_of(got).addr, any.addr);
    EXPECT_NE(endpoint_of(got).port, 0);
  }
}

TEST(Endpoint, OfAnotherFamilyIsEmpty) {
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_EQ(endpoint_of(local), Endpoint{});
}

}  // namespace
}  // namespace podwire::lab
