#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using state::NftBytes;
using state::NftElement;
using state::NftFamily;
using state::NftSet;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kShape = R"(
# what the agent needs
table inet t {
  chain lb-2 { meta mark set 1; }
  map published {
    type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service
    flags timeout
  }
  set masquerade { type ipv4_addr; }
  set blocks { type ipv4_addr . inet_service; flags interval; }
  map chains { type ipv4_addr : verdict; }
  chain pre {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr @masquerade counter comment "a } in a string"
  }
}
)";

class FakeNftTest : public FakeTest {
 protected:
  FakeNftTest() : nft(*host.nft(netns("current"))) { EXPECT_TRUE(nft->load_shape(kShape)); }
  static NftSet set(const char* name) { return {NftFamily::inet, "t", name}; }
  static NftElement one(const char* addr) { return {.key = NftBytes().addr(ip(addr))}; }
  static NftElement mapped(const char* from, std::uint16_t port, const char* to) {
    return {.key = NftBytes().protocol(6).addr(ip(from)).port(port),
            .data = NftBytes().addr(ip(to)).port(80)};
  }
  int commit(const NftBatch& batch) { return errno_of(nft->commit(batch)); }
  std::unique_ptr<Nft> nft;
};

TEST_F(FakeNftTest, ElementsComeAndGo) {
  ASSERT_EQ(commit(NftBatch().add(set("masquerade"), {one("10.0.0.1"), one("10.0.0.2")})), 0);
  EXPECT_THAT(*nft->elements(set("masquerade")), SizeIs(2));
  ASSERT_EQ(commit(NftBatch().remove(set("masquerade"), {one("10.0.0.1")})), 0);
  EXPECT_FALSE(*nft->get(set("masquerade"), one("10.0.0.1").key));
  EXPECT_TRUE(*nft->get(set("masquerade"), one("10.0.0.2").key));
  ASSERT_EQ(commit(NftBatch().flush(set("masquerade"))), 0);
  EXPECT_THAT(*nft->elements(set("masquerade")), IsEmpty());
}

TEST_F(FakeNftTest, AddIsIdempotentWithTheSameDataOnly) {
  ASSERT_EQ(commit(NftBatch().add(set("published"), {mapped("10.0.0.1", 8080, "10.1.0.2")})), 0);
  EXPECT_EQ(commit(NftBatch().add(set("published"), {mapped("10.0.0.1", 8080, "10.1.0.2")})), 0);
  EXPECT_EQ(commit(NftBatch().add(set("published"), {mapped("10.0.0.1", 8080, "10.1.0.3")})), EEXIST);
  EXPECT_EQ(commit(NftBatch().create(set("published"), {mapped("10.0.0.1", 8080, "10.1.0.2")})), EEXIST);
  EXPECT_EQ(commit(NftBatch().remove(set("published"), {mapped("10.0.0.9", 1, "10.1.0.2")})), ENOENT);
}

TEST_F(FakeNftTest, ABatchIsAllOrNone) {
  ASSERT_EQ(commit(NftBatch().add(set("masquerade"), {one("10.0.0.1")})), 0);
  const auto before = host.dump();
  EXPECT_EQ(commit(NftBatch()
                       .flush(set("masquerade"))
                       .add(set("masquerade"), {one("10.0.0.5")})
                       .remove(set("masquerade"), {one("10.0.0.5")})
                       .remove(set("masquerade"), {one("10.0.0.5")})),
            ENOENT);
  EXPECT_EQ(host.dump(), before);
  EXPECT_EQ(
      commit(NftBatch().add(set("masquerade"), {one("10.0.0.7")}).add(set("nosuch"), {one("10.0.0.7")})),
      ENOENT);
  EXPECT_EQ(host.dump(), before);
}

TEST_F(FakeNftTest, ElementsMustFitTheirSet) {
  const auto with_data = NftElement{.key = one("10.0.0.1").key, .data = one("10.0.0.2").key};
  EXPECT_EQ(commit(NftBatch().add(set("masquerade"), {with_data})), EINVAL) << "a set has no data";
  EXPECT_EQ(commit(NftBatch().add(set("masquerade"), {{.key = NftBytes().addr(ip("::1"))}})), EINVAL);
  EXPECT_EQ(commit(NftBatch().add(set("published"), {{.key = mapped("10.0.0.1", 1, "10.0.0.1").key}})),
            EINVAL);
  auto expiring = one("10.0.0.1");
  expiring.timeout = std::chrono::seconds(5);
  EXPECT_EQ(commit(NftBatch().add(set("masquerade"), {expiring})), EINVAL) << "no flags timeout";
  auto range = one("10.0.0.1");
  range.key_end = one("10.0.0.9").key;
  EXPECT_EQ(commit(NftBatch().add(set("masquerade"), {range})), EINVAL) << "no flags interval";
}

TEST_F(FakeNftTest, AVerdictNeedsItsChain) {
  auto element = one("10.0.0.1");
  element.verdict = state::NftVerdict{state::NftVerdict::Kind::goto_, "lb-3"};
  EXPECT_EQ(commit(NftBatch().add(set("chains"), {element})), ENOENT);
  element.verdict->chain = "lb-2";
  EXPECT_EQ(commit(NftBatch().add(set("chains"), {element})), 0);
}

TEST_F(FakeNftTest, IntervalsDoNotOverlap) {
  const auto block = [](const char* from, const char* to, std::uint16_t low, std::uint16_t high) {
    return NftElement{.key = NftBytes().addr(ip(from)).port(low),
                      .key_end = NftBytes().addr(ip(to)).port(high)};
  };
  ASSERT_EQ(commit(NftBatch().add(set("blocks"), {block("10.0.0.0", "10.0.0.255", 80, 90)})), 0);
  EXPECT_EQ(commit(NftBatch().add(set("blocks"), {block("10.0.0.0", "10.0.0.255", 80, 90)})), 0);
  EXPECT_EQ(commit(NftBatch().add(set("blocks"), {block("10.0.0.5", "10.0.0.5", 85, 85)})), EEXIST);
  EXPECT_EQ(commit(NftBatch().add(set("blocks"), {block("10.0.0.5", "10.0.0.5", 95, 95)})), 0)
      << "each component counts by itself";
  EXPECT_TRUE(*nft->get(set("blocks"), NftBytes().addr(ip("10.0.0.77")).port(85)));
  EXPECT_FALSE(*nft->get(set("blocks"), NftBytes().addr(ip("10.0.0.77")).port(95)));
}

TEST_F(FakeNftTest, TablesComeWithAShapeAndGo) {
  EXPECT_TRUE(*nft->has_table(NftFamily::inet, "t"));
  EXPECT_FALSE(*nft->has_table(NftFamily::ipv4, "t"));
  EXPECT_TRUE(nft->delete_table(NftFamily::inet, "t"));
  EXPECT_TRUE(nft->delete_table(NftFamily::inet, "t")) << "gone already is success";
  EXPECT_EQ(commit(NftBatch().add(set("masquerade"), {one("10.0.0.1")})), ENOENT);
  EXPECT_EQ(errno_of(nft->get(set("masquerade"), one("10.0.0.1").key)), ENOENT);
  EXPECT_EQ(errno_of(nft->elements(set("masquerade"))), ENOENT);
}

TEST_F(FakeNftTest, ALoadedShapeKeepsTheElements) {
  ASSERT_EQ(commit(NftBatch().add(set("masquerade"), {one("10.0.0.1")})), 0);
  ASSERT_TRUE(nft->load_shape(kShape));
  EXPECT_THAT(*nft->elements(set("masquerade")), SizeIs(1));
  ASSERT_TRUE(nft->load_shape(std::string("table inet t\ndelete table inet t\n") + kShape));
  EXPECT_THAT(*nft->elements(set("masquerade")), IsEmpty());
}

TEST_F(FakeNftTest, AShapeIsATransaction) {
  const auto before = host.dump();
  EXPECT_EQ(errno_of(nft->load_shape("table ip other { }\ndelete table ip nosuch\n")), -1);
  EXPECT_EQ(errno_of(nft->load_shape("table inet t { set masquerade { type ipv6_addr; } }")), -1);
  EXPECT_EQ(errno_of(nft->load_shape("table inet t { set masquerade { type ipv4_addr; ")), -1);
  EXPECT_EQ(host.dump(), before);
}

TEST_F(FakeNftTest, DeclaredByHandASetTakesAnything) {
  host.add_set({NftFamily::ipv4, "mine", "s"}, kPod);
  const auto pod_nft = *host.nft(netns(kPod));
  EXPECT_TRUE(*pod_nft->has_table(NftFamily::ipv4, "mine"));
  EXPECT_TRUE(pod_nft->commit(NftBatch().add({NftFamily::ipv4, "mine", "s"}, {one("10.0.0.1")})));
}

}  // namespace
}  // namespace podwire::kernel::fake
