#include <fcntl.h>
#include <gmock/gmock.h>

#include "kernel/sysctl/open.h"
#include "tests/netns/traffic.h"

namespace podwire::test {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<kernel::Sysctl> sysctl_of(const NetNs& ns) {
  auto opened = kernel::open_sysctl(ns);
  EXPECT_TRUE(opened) << opened.error().message();
  return std::move(*opened);
}

TEST(Sysctl, EachNamespaceHasItsOwn) {
  const NetNs a = new_netns(), b = new_netns();
  const auto of_a = sysctl_of(a), of_b = sysctl_of(b);
  ASSERT_TRUE(of_a->set("net/ipv4/ip_forward", "1"));
  ASSERT_TRUE(of_b->set("net/ipv4/ip_forward", "0"));
  EXPECT_EQ(*of_a->get("net/ipv4/ip_forward"), "1");
  EXPECT_EQ(*of_b->get("net/ipv4/ip_forward"), "0");
  EXPECT_EQ(run_in(a, {"sysctl", "-n", "net.ipv4.ip_forward"}), "1\n");
}

TEST(Sysctl, BelongsToItsNamespaceWhereverTheThreadIs) {
  const NetNs a = new_netns(), b = new_netns();
  std::unique_ptr<kernel::Sysctl> of_a;
  {
    const auto inside = a.enter();
    ASSERT_TRUE(inside);
    of_a = sysctl_of(a);
    ASSERT_TRUE(of_a->set("net/ipv4/ip_forward", "1"));
  }
  const auto inside = b.enter();
  ASSERT_TRUE(inside);
  EXPECT_EQ(*of_a->get("net/ipv4/ip_forward"), "1");
  ASSERT_TRUE(of_a->set("net/ipv4/ip_forward", "0"));
  EXPECT_EQ(*sysctl_of(b)->get("net/ipv4/ip_forward"), "0") << "a fresh namespace's default";
  EXPECT_EQ(*of_a->get("net/ipv4/ip_forward"), "0");
}

TEST(Sysctl, KeysMayHoldTheNameOfALinkWithDots) {
  const NetNs ns = new_netns();
  ip_in(ns, "link add eth0.5 type veth peer name far\n");
  const auto sysctl = sysctl_of(ns);
  ASSERT_TRUE(sysctl->set("net/ipv6/conf/eth0.5/accept_ra", "0"));
  EXPECT_EQ(*sysctl->get("net/ipv6/conf/eth0.5/accept_ra"), "0");
}

TEST(Sysctl, EnsureWritesOnlyADifference) {
  const NetNs ns = new_netns();
  ip_in(ns, "link add d0 type veth peer name far\n");
  const auto sysctl = sysctl_of(ns);
  ASSERT_TRUE(sysctl->ensure("net/ipv4/ip_forward", "1"));
  // Writing ip_forward sets each link's forwarding, even to what it is: the one turned off must stay off.
  ASSERT_TRUE(sysctl->set("net/ipv4/conf/d0/forwarding", "0"));
  ASSERT_TRUE(sysctl->ensure("net/ipv4/ip_forward", "1"));
  EXPECT_EQ(*sysctl->get("net/ipv4/conf/d0/forwarding"), "0");
  ASSERT_TRUE(sysctl->ensure("net/ipv4/ip_forward", "0"));
  EXPECT_EQ(*sysctl->get("net/ipv4/ip_forward"), "0");
}

TEST(Sysctl, SaysWhichKeyAndWhy) {
  const NetNs ns = new_netns();
  const auto sysctl = sysctl_of(ns);
  const auto absent = sysctl->get("net/ipv4/conf/nolink/forwarding");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().sys_errno, ENOENT);
  EXPECT_EQ(absent.error().object, "net/ipv4/conf/nolink/forwarding");
  const auto bad = sysctl->set("net/ipv4/ip_forward", "maybe");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().sys_errno, EINVAL);
  EXPECT_EQ(bad.error().object, "net/ipv4/ip_forward=maybe");
}

TEST(Sysctl, RefusesKeysThatLeaveProcSys) {
  const auto sysctl = sysctl_of(new_netns());
  for (const std::string key : {"", "/", "..", "../kernel/hostname", "net/../../uptime", "net//ipv4",
                                "net/./ipv4/ip_forward", "/net/ipv4/ip_forward", "net/ipv4/"}) {
    const auto got = sysctl->get(key);
    ASSERT_FALSE(got) << key;
    EXPECT_EQ(got.error().sys_errno, EINVAL) << key;
    EXPECT_THAT(got.error().message(), HasSubstr("below /proc/sys"));
    EXPECT_FALSE(sysctl->set(key, "1")) << key;
  }
}

}  // namespace
}  // namespace podwire::test
