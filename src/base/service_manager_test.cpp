#include "base/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/spawn.h"

namespace podwire {
namespace {

class ServiceManager : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const auto* name : {"LISTEN_FDS", "LISTEN_PID", "NOTIFY_SOCKET"}) ::unsetenv(name);
  }
  static void listen_variables(const std::string& count, const std::string& pid) {
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    ::setenv("LISTEN_PID", pid.c_str(), 1);
  }
};

TEST_F(ServiceManager, WithoutVariablesThereAreNoSockets) {
  const auto none = take_inherited_sockets();
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(ServiceManager, SocketsForAnotherProcessAreNotOurs) {
  listen_variables("1", std::to_string(::getppid()));
  const auto none = take_inherited_sockets();
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

TEST_F(ServiceManager, WhatDoesNotListenIsRefused) {
  const auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const int before = ::dup(3);  // whatever the test program has there is put back
  ASSERT_EQ(::dup2(pipe->read.raw(), 3), 3);
  listen_variables("1", std::to_string(::getpid()));
  const auto refused = take_inherited_sockets();
  if (before >= 0) {
    ::dup2(before, 3);
    ::close(before);
  }
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("no listening socket"), std::string::npos);
}

TEST_F(ServiceManager, NobodyWaitsForTheNotification) { EXPECT_TRUE(notify_service_manager("READY=1")); }

TEST_F(ServiceManager, TheStateArrives) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un here{};
  here.sun_family = AF_UNIX;
  socklen_t size = sizeof(sa_family_t);  // the kernel chooses an abstract name
  ASSERT_EQ(::bind(socket.raw(), reinterpret_cast<sockaddr*>(&here), size), 0);
  size = sizeof here;
  ASSERT_EQ(::getsockname(socket.raw(), reinterpret_cast<sockaddr*>(&here), &size), 0);
  const std::string name(here.sun_path + 1, size - sizeof(sa_family_t) - 1);
  ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  ASSERT_TRUE(notify_service_manager("READY=1"));
  std::array<char, 32> got{};
  const auto n = ::recv(socket.raw(), got.data(), got.size(), 0);
  ASSERT_GT(n, 0);
  EXPECT_EQ(std::string_view(got.data(), static_cast<std::size_t>(n)), "READY=1");
}

}  // namespace
}  // namespace podwire
