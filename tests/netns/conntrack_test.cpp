#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "kernel/conntrack/open.h"
#include "tests/netns/traffic.h"

namespace podwire::test {
namespace {

using state::Flow;
using state::FlowFilter;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

IpAddr ip(const char* text) { return *IpAddr::parse(text); }

/// client (192.0.2.1, fd00::1) -- server (192.0.2.2, fd00::2), where a rule needs connection tracking.
class ConntrackTest : public ::testing::Test {
 protected:
  ConntrackTest() {
    ip_in(client,
          "link add eth0 type veth peer name eth0 netns " + path_of(server) +
              "\naddr add 192.0.2.1/24 dev eth0\naddr add fd00::1/64 dev eth0 nodad\nlink set eth0 up\n");
    ip_in(server, "addr add 192.0.2.2/24 dev eth0\naddr add fd00::2/64 dev eth0 nodad\nlink set eth0 up\n");
    run_in(server, {"nft", "-f", "-"}, R"(
      table inet t {
        chain input {
          type filter hook input priority filter;
          ct state new accept
        }
        chain prerouting {
          type nat hook prerouting priority dstnat;
          udp dport 8080 redirect to :9000
          udp dport 7777 ct mark set 7
        }
      }
    )");
    conntrack = std::move(*kernel::open_conntrack(server));
    answerer.emplace(server, "server", 9000);
  }

  std::vector<Flow> flows(const FlowFilter& filter = {}) {
    auto found = conntrack->flows(filter);
    EXPECT_TRUE(found) << found.error().message();
    return found.value_or(std::vector<Flow>());
  }
  std::size_t remove(const FlowFilter& filter) {
    auto removed = conntrack->remove(filter);
    EXPECT_TRUE(removed) << removed.error().message();
    return removed.value_or(0);
  }
  /// The kernel's own listing, as an independent reader.
  std::string proc() { return run_in(server, {"cat", "/proc/thread-self/net/nf_conntrack"}); }
  void talk(int protocol, const char* to, std::uint16_t port = 9000) {
    EXPECT_THAT(ask(client, protocol, ip(to), port), HasSubstr("server sees"));
  }

  NetNs client = new_netns(), server = new_netns();
  std::unique_ptr<kernel::Conntrack> conntrack;
  std::optional<Answerer> answerer;
};

TEST_F(ConntrackTest, AFlowIsReadWhole) {
  talk(IPPROTO_UDP, "192.0.2.2");
  const auto found = flows({.protocol = IPPROTO_UDP});
  ASSERT_EQ(found.size(), 1u);
  const Flow& f = found[0];
  EXPECT_EQ(f.original.src, ip("192.0.2.1"));
  EXPECT_EQ(f.original.dst, ip("192.0.2.2"));
  EXPECT_EQ(f.original.dst_port, 9000);
  EXPECT_NE(f.original.src_port, 0);
  EXPECT_EQ(f.reply.src, f.original.dst);
  EXPECT_EQ(f.reply.dst, f.original.src);
  EXPECT_EQ(f.reply.src_port, 9000);
  EXPECT_EQ(f.reply.dst_port, f.original.src_port);
  EXPECT_TRUE(f.status & IPS_CONFIRMED);
  EXPECT_TRUE(f.status & IPS_SEEN_REPLY);
  EXPECT_FALSE(f.status & IPS_NAT_MASK);
  EXPECT_GT(f.timeout_seconds, 0u);
  EXPECT_NE(f.id, 0u);
  EXPECT_THAT(proc(), HasSubstr("sport=" + std::to_string(f.original.src_port) + " dport=9000"));
}

TEST_F(ConntrackTest, TranslationShowsInTheReply) {
  talk(IPPROTO_UDP, "fd00::2", 8080);
  const auto found = flows({.protocol = IPPROTO_UDP});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].original.dst_port, 8080);
  EXPECT_EQ(found[0].reply.src_port, 9000);
  EXPECT_EQ(found[0].reply.src, ip("fd00::2"));
  EXPECT_TRUE(found[0].status & IPS_DST_NAT);
}

TEST_F(ConntrackTest, EachWishOfAFilterHolds) {
  for (const char* to : {"192.0.2.2", "fd00::2"})
    for (const int protocol : {IPPROTO_TCP, IPPROTO_UDP}) talk(protocol, to);
  talk(IPPROTO_UDP, "192.0.2.2", 8080);
  const std::size_t all = flows().size();
  EXPECT_GE(all, 5u);
  const struct {
    FlowFilter filter;
    std::size_t count;
  } cases[] = {
      {{.family = Family::v4, .protocol = IPPROTO_UDP}, 2},
      {{.family = Family::v6, .protocol = IPPROTO_UDP}, 1},
      {{.family = Family::v6, .protocol = IPPROTO_TCP}, 1},
      {{.family = Family::v4, .protocol = IPPROTO_UDP, .original_dst_port = 8080}, 1},
      {{.family = Family::v6, .protocol = IPPROTO_UDP, .original_dst_port = 8080}, 0},
      {{.protocol = IPPROTO_TCP}, 2},
      {{.protocol = IPPROTO_UDP, .original_dst_port = 9000}, 2},
      {{.protocol = IPPROTO_UDP, .original_dst_port = 8080}, 1},
      {{.protocol = IPPROTO_UDP, .reply_src_port = 9000}, 3},
      {{.original_dst_port = 9000}, 4},
      {{.protocol = IPPROTO_TCP, .original_dst = ip("fd00::2")}, 1},
      {{.protocol = IPPROTO_TCP, .original_src = ip("192.0.2.1")}, 1},
      {{.protocol = IPPROTO_UDP, .reply_src = ip("192.0.2.2")}, 2},
      {{.original_src = ip("192.0.2.1"), .original_dst = ip("fd00::2")}, 0},
      {{.original_dst = ip("192.0.2.77")}, 0},
      {{.family = Family::v6, .protocol = IPPROTO_UDP, .original_dst = ip("192.0.2.2")}, 0},
      {{.mark = 7}, 0},
  };
  for (const auto& c : cases) EXPECT_EQ(flows(c.filter).size(), c.count) << "case " << &c - cases;
}

TEST_F(ConntrackTest, MarksAreReadAndFilteredBy) {
  talk(IPPROTO_UDP, "192.0.2.2");
  const UniqueFd udp = socket_in(client, Family::v4, SOCK_DGRAM);
  send_text(udp.get(), ip("192.0.2.2"), 7777, "marked");
  talk(IPPROTO_UDP, "192.0.2.2");  // what was sent before has arrived when this is answered
  const auto marked = flows({.mark = 7});
  ASSERT_EQ(marked.size(), 1u);
  EXPECT_EQ(marked[0].mark, 7u);
  EXPECT_EQ(marked[0].original.dst_port, 7777);
  EXPECT_EQ(flows({.protocol = IPPROTO_UDP, .mark = 0}).size(), 2u);
}

TEST_F(ConntrackTest, RemovesWhatMatchesAndNothingElse) {
  for (const char* to : {"192.0.2.2", "fd00::2"})
    for (const int protocol : {IPPROTO_TCP, IPPROTO_UDP}) talk(protocol, to);
  EXPECT_EQ(remove({.family = Family::v6, .protocol = IPPROTO_UDP}), 1u);
  EXPECT_THAT(flows({.family = Family::v6, .protocol = IPPROTO_UDP}), IsEmpty());
  EXPECT_EQ(flows({.protocol = IPPROTO_UDP}).size(), 1u);
  EXPECT_EQ(flows({.protocol = IPPROTO_TCP}).size(), 2u);
  EXPECT_EQ(remove({.protocol = IPPROTO_TCP}), 2u);
  EXPECT_EQ(remove({.protocol = IPPROTO_UDP, .original_dst_port = 9000}), 1u);
  EXPECT_EQ(remove({.protocol = IPPROTO_UDP}), 0u) << "nothing left is no error";
  EXPECT_THAT(proc(), ::testing::Not(HasSubstr("dport=9000")));
}

TEST_F(ConntrackTest, RemovesEchoFlowsOfBothFamilies) {
  for (const char* to : {"192.0.2.2", "fd00::2"}) run_in(client, {"ping", "-n", "-c", "1", "-W", "10", to});
  for (const FlowFilter& echo :
       {FlowFilter{.protocol = IPPROTO_ICMP, .original_dst_port = 8 << 8},
        FlowFilter{.family = Family::v6, .protocol = IPPROTO_ICMPV6, .original_dst_port = 128 << 8}}) {
    const auto found = flows(echo);
    ASSERT_EQ(found.size(), 1u) << int{*echo.protocol};
    EXPECT_NE(found[0].original.src_port, 0) << "the echo id";
    EXPECT_EQ(remove(echo), 1u);
    EXPECT_THAT(flows(echo), IsEmpty());
  }
}

TEST_F(ConntrackTest, SeesItsOwnNamespaceOnly) {
  talk(IPPROTO_UDP, "192.0.2.2");
  const auto elsewhere = kernel::open_conntrack(client);
  ASSERT_TRUE(elsewhere);
  EXPECT_THAT(*(*elsewhere)->flows(), IsEmpty()) << "nothing in the client's namespace needs tracking";
}

}  // namespace
}  // namespace podwire::test
