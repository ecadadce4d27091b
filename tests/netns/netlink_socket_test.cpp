#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "kernel/netlink/socket.h"
#include "kernel/rtnl/route_codec.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::netlink::Message;
using kernel::netlink::Socket;
using kernel::netlink::Writer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NetlinkSocket : public TwoNamespaces {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (!IsSkipped()) socket_ = std::make_unique<Socket>(must(Socket::open(NETLINK_ROUTE, host().ns())));
  }
  static state::Route blackhole(unsigned i) {
    return {.dst = Cidr::host(IpAddr::from_value(Family::v4, (u128{11} << 24) + i)),
            .type = state::RouteType::blackhole};
  }
  /// A batch that adds blackholes 0 to count-1 and asks for one ack, of the last.
  Writer batch(unsigned count) {
    Writer w;
    for (unsigned i = 0; i < count; ++i) {
      kernel::put_route(w, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, blackhole(i));
      w.set_sequence(socket_->next_sequence());
    }
    w.add_flags(NLM_F_ACK);
    return w;
  }
  std::unique_ptr<Socket> socket_;
};

TEST_F(NetlinkSocket, ALargeBatchInOneSend) {
  const auto w = batch(20'000);
  ASSERT_GT(w.size(), 512u << 10) << "more than a socket takes by default";
  EXPECT_THAT(must(socket_->transact(w)), IsEmpty());
  EXPECT_EQ(must(host()->routes(Family::v4)).size(), 20'000u);
}

TEST_F(NetlinkSocket, EveryRefusalOfABatch) {
  must(host()->add_route(blackhole(1)));
  must(host()->add_route(blackhole(3)));
  const auto w = batch(5);
  std::vector<std::uint32_t> numbers;
  for (const Message& m : kernel::netlink::Messages(w.bytes())) numbers.push_back(m.sequence());
  const auto refusals = must(socket_->transact(w));
  ASSERT_EQ(refusals.size(), 2u);
  EXPECT_EQ(refusals[0].sequence, numbers[1]);
  EXPECT_EQ(refusals[1].sequence, numbers[3]);
  EXPECT_EQ(refusals[0].sys_errno, EEXIST);
}

TEST_F(NetlinkSocket, MoreRefusalsThanTheQueueHolds) {
  must(socket_->transact(batch(5'000)));
  const auto refusals = must(socket_->transact(batch(5'000)));
  EXPECT_FALSE(refusals.empty());
  EXPECT_EQ(refusals.front().sys_errno, EEXIST);
  Writer list;
  list.message(RTM_GETROUTE, 0, rtmsg{.rtm_family = AF_INET});
  list.put(RTA_TABLE, std::uint32_t{RT_TABLE_MAIN});
  EXPECT_EQ(must(socket_->dump(list, kernel::decode_route)).size(), 5'000u) << "the socket goes on";
}

TEST_F(NetlinkSocket, AnAttributeThatIsTooLongIsNotSent) {
  Writer w;
  w.message(RTM_NEWLINK, 0, ifinfomsg{});
  w.put_string(IFLA_IFNAME, std::string(70'000, 'x'));
  EXPECT_EQ(errno_of(socket_->request(w)), EMSGSIZE);
  EXPECT_EQ(errno_of(socket_->transact(w)), EMSGSIZE);
}

TEST_F(NetlinkSocket, StrictCheckingTellsWhatIsWrongWithADump) {
  Writer w;
  w.message(RTM_GETROUTE, 0, rtmsg{.rtm_family = AF_INET, .rtm_tos = 1});
  const auto refused = socket_->dump(w, kernel::decode_route);
  EXPECT_EQ(errno_of(refused), EINVAL);
  EXPECT_THAT(refused.error().detail, HasSubstr("Invalid values in header for FIB dump request"));
}

TEST_F(NetlinkSocket, TheKernelsWordsAboutARequest) {
  Writer w;
  w.message(RTM_NEWADDR, NLM_F_CREATE, ifaddrmsg{.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 1});
  const auto refused = socket_->request(w);
  EXPECT_EQ(errno_of(refused), EINVAL);
  EXPECT_THAT(refused.error().detail, HasSubstr("Local address is not supplied"));
}

/// Links come and go while they are listed. A listing that was interrupted is taken again, so that what stays
/// is there exactly once in each.
TEST_F(NetlinkSocket, ListingsAreWholeWhileLinksComeAndGo) {
  constexpr int kStay = 60;
  for (int i = 0; i < kStay; ++i) must(host()->create_plain("ifb", "stay" + std::to_string(i)));
  std::atomic<bool> stop = false;
  std::thread restless([&] {
    const auto other = must(kernel::open_rtnl(host().ns()));
    while (!stop) {
      const auto made = other->create_bridge({.name = "restless"});
      if (made) (void)other->delete_link(*made);
    }
  });
  int whole = 0;
  for (int round = 0; round < 200; ++round) {
    const auto links = host()->links();
    if (!links) {
      EXPECT_EQ(errno_of(links), EINTR);
      continue;
    }
    ++whole;
    EXPECT_EQ(std::ranges::count_if(*links, [](const auto& l) { return l.name.starts_with("stay"); }), kStay);
  }
  stop = true;
  restless.join();
  EXPECT_GT(whole, 0);
}

}  // namespace
}  // namespace podwire::test
