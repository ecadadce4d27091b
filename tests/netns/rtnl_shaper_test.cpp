#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using state::Shaper;
using testing::AllOf;
using testing::HasSubstr;

class RtnlShaper : public TwoNamespaces {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (!IsSkipped()) index_ = veth();
  }
  Shaper wanted(std::uint64_t rate, std::uint32_t burst) const {
    return {.link_index = index_,
            .bucket = {.rate_bytes = rate, .burst_bytes = burst, .limit_bytes = 3 * burst}};
  }
  int index_ = 0;
};

TEST_F(RtnlShaper, SetReadReplaceDelete) {
  EXPECT_EQ(must(host()->shaper(index_)), std::nullopt);
  must(host()->delete_shaper(index_));  // none is a success
  const auto first = wanted(125'000, 10'000);
  must(host()->set_shaper(first));
  EXPECT_EQ(must(host()->shaper(index_)), first);
  EXPECT_THAT(host().run({"tc", "qdisc", "show", "dev", "vethA"}),
              AllOf(HasSubstr("tbf"), HasSubstr("rate 1Mbit")));
  const auto second = wanted(250'000, 20'000);
  must(host()->set_shaper(second));
  EXPECT_EQ(must(host()->shaper(index_)), second);
  must(host()->delete_shaper(index_));
  EXPECT_EQ(must(host()->shaper(index_)), std::nullopt);
}

TEST_F(RtnlShaper, RatesBeyond32Bits) {
  const auto fast = wanted(12'500'000'000, 1 << 20);  // 100 Gbit/s
  must(host()->set_shaper(fast));
  const auto read = must(host()->shaper(index_));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bucket.rate_bytes, fast.bucket.rate_bytes);
  // The kernel tells the bucket in ticks of 64 ns, in which 800 bytes pass.
  EXPECT_NEAR(read->bucket.burst_bytes, fast.bucket.burst_bytes, 800);
}

TEST_F(RtnlShaper, TheBurstIsExactUpTo15MegabytesASecond) {
  for (const std::uint64_t rate : {5'000ull, 12'345ull, 1'000'000ull, 9'999'999ull, 15'000'000ull}) {
    for (const std::uint32_t burst : {2'000u, 65'537u, 1'234'567u}) {
      must(host()->set_shaper(wanted(rate, burst)));
      EXPECT_EQ(must(host()->shaper(index_)), wanted(rate, burst)) << rate << " bytes/s";
    }
  }
}

TEST_F(RtnlShaper, AnotherKindAtTheRootIsNotOurs) {
  host().run({"tc", "qdisc", "add", "dev", "vethA", "root", "pfifo"});
  EXPECT_EQ(must(host()->shaper(index_)), std::nullopt);
  must(host()->delete_shaper(index_));
  EXPECT_THAT(host().run({"tc", "qdisc", "show", "dev", "vethA"}), HasSubstr("pfifo")) << "and still there";
}

TEST_F(RtnlShaper, ALinkThatIsGone) {
  auto s = wanted(1000, 2000);
  s.link_index = 999;
  EXPECT_EQ(errno_of(host()->set_shaper(s)), ENODEV);
  EXPECT_EQ(errno_of(host()->shaper(999)), ENODEV);
  EXPECT_EQ(errno_of(host()->delete_shaper(999)), ENODEV);
}

/// Packets that a link counted as received, from the namespace's own /proc/net/dev.
std::uint64_t received(const Scratch& in, const std::string& link) {
  const auto inside = must(in.ns().enter());
  const auto text = must(read_file("/proc/thread-self/net/dev"));
  const auto at = text.find(link + ":");
  if (at == std::string::npos) throw std::runtime_error("no link " + link);
  std::uint64_t bytes = 0, packets = 0;
  std::sscanf(text.c_str() + at + link.size() + 1, "%lu %lu", &bytes, &packets);
  return packets;
}

/// Sends datagrams to a neighbour that needs no resolution.
void send_datagrams(const Scratch& from, const char* to, int count) {
  const auto inside = must(from.ns().enter());
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in dst{.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {}, .sin_zero = {}};
  const auto address = addr(to);
  std::memcpy(&dst.sin_addr, address.bytes().data(), address.bytes().size());
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(::sendto(fd.raw(), "x", 1, 0, reinterpret_cast<sockaddr*>(&dst), sizeof dst), 1);
}

TEST_F(RtnlShaper, WhatEntersALinkIsSentOutOfAnother) {
  const int ifb = must(host()->create_plain("ifb", "ifb0"));
  const int second = must(host()->create_plain("ifb", "ifb1"));
  for (const int i : {ifb, second}) must(host()->change_link(i, {.up = true}));
  must(pod()->add_address({.link_index = pod_index(), .cidr = cidr("10.0.0.2/24")}));
  must(pod()->set_neighbour(
      {.link_index = pod_index(), .addr = addr("10.0.0.1"), .mac = must(host()->link(index_)).mac}));

  send_datagrams(pod(), "10.0.0.1", 5);
  const auto before = received(host(), "ifb0");
  must(host()->redirect_ingress(index_, ifb));
  send_datagrams(pod(), "10.0.0.1", 5);
  EXPECT_GE(received(host(), "ifb0"), before + 5);

  must(host()->redirect_ingress(index_, second));  // replaces the first
  const auto first_then = received(host(), "ifb0"), second_then = received(host(), "ifb1");
  send_datagrams(pod(), "10.0.0.1", 5);
  EXPECT_EQ(received(host(), "ifb0"), first_then);
  EXPECT_GE(received(host(), "ifb1"), second_then + 5);
  EXPECT_THAT(host().run({"tc", "filter", "show", "dev", "vethA", "ingress"}), HasSubstr("podwire-redirect"));
}

TEST_F(RtnlShaper, RedirectOfALinkThatIsGone) {
  const auto refused = host()->redirect_ingress(999, index_);
  EXPECT_EQ(errno_of(refused), ENODEV);
  EXPECT_THAT(refused.error().message(), HasSubstr("redirect ingress from link 999"));
}

}  // namespace
}  // namespace podwire::test
