#include <chrono>
#include <thread>

#include "tests/netns/nft_test.h"

// What the kernel accepts, what it refuses, and that a refused transaction changes nothing.

namespace podwire::test {
namespace {

const NftSet kPorts{NftFamily::inet, "t", "ports"};
const NftSet kPods{NftFamily::inet, "t", "pods"};
const NftSet kSeen{NftFamily::inet, "t", "seen"};
const NftSet kInside{NftFamily::inet, "t", "inside"};

class NftTransactions : public NftTest {
 protected:
  void SetUp() override {
    NftTest::SetUp();
    load(R"(
      table inet t {
        map ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
        set pods { type ipv4_addr; }
        set seen { type ipv4_addr; flags timeout; }
        set inside { type ipv4_addr . ipv4_addr; flags interval; }
      }
    )");
  }
};

NftElement port(std::uint16_t from, const char* to, std::string comment = {}) {
  return {.key = NftBytes().protocol(6).port(from),
          .data = NftBytes().addr(ip(to)).port(80),
          .comment = std::move(comment)};
}
NftElement pod(const char* addr) { return {.key = NftBytes().addr(ip(addr))}; }
NftElement network(const char* cidr) {
  const Cidr c = *Cidr::parse(cidr);
  return {.key = NftBytes().addr(c.first()).addr(c.first()),
          .key_end = NftBytes().addr(c.last()).addr(c.last())};
}

TEST_F(NftTransactions, AddingTwiceIsNoErrorAndKeepsTheFirst) {
  commit(NftBatch().add(kPorts, {port(8080, "10.0.0.1", "first")}));
  commit(NftBatch().add(kPorts, {port(8080, "10.0.0.1", "second")}));
  EXPECT_EQ(elements(kPorts), std::vector{port(8080, "10.0.0.1", "first")});
}

TEST_F(NftTransactions, AddingOtherDataIsRefused) {
  commit(NftBatch().add(kPorts, {port(8080, "10.0.0.1")}));
  const Error e = refused(NftBatch().add(kPorts, {port(8080, "10.0.0.2")}));
  EXPECT_EQ(e.sys_errno, EEXIST) << e.message();
  EXPECT_EQ(e.object, "inet t ports, element 060000001f900000 : 0a00000200500000");
  EXPECT_EQ(elements(kPorts), std::vector{port(8080, "10.0.0.1")});
}

TEST_F(NftTransactions, CreatingWhatIsThereIsRefused) {
  commit(NftBatch().create(kPorts, {port(8080, "10.0.0.1")}));
  const Error e = refused(NftBatch().create(kPorts, {port(8081, "10.0.0.1"), port(8080, "10.0.0.1")}));
  EXPECT_EQ(e.sys_errno, EEXIST);
  EXPECT_EQ(e.message(),
            "create in nftables set inet t ports, element 060000001f900000 : 0a00000100500000: File exists");
  EXPECT_EQ(elements(kPorts).size(), 1u) << "8081 was created by a refused transaction";
}

TEST_F(NftTransactions, RemovingWhatIsNotThereNamesIt) {
  commit(NftBatch().add(kPods, {pod("10.0.0.1"), pod("10.0.0.2")}));
  const Error e = refused(NftBatch().remove(kPods, {pod("10.0.0.1"), pod("10.0.0.3"), pod("10.0.0.2")}));
  EXPECT_EQ(e.sys_errno, ENOENT);
  EXPECT_EQ(e.object, "inet t pods, element 0a000003");
  EXPECT_EQ(elements(kPods).size(), 2u);
}

TEST_F(NftTransactions, AllOrNothingAcrossSets) {
  commit(NftBatch().add(kPods, {pod("10.0.0.1")}));
  const Error e = refused(NftBatch()
                              .add(kPorts, {port(8080, "10.0.0.1")})
                              .flush(kPods)
                              .add(kPods, {pod("10.0.0.9")})
                              .remove(kPorts, {port(1, "10.0.0.1")}));
  EXPECT_EQ(e.sys_errno, ENOENT);
  EXPECT_THAT(e.object, HasSubstr("inet t ports"));
  EXPECT_TRUE(elements(kPorts).empty());
  EXPECT_EQ(elements(kPods), std::vector{pod("10.0.0.1")});
}

TEST_F(NftTransactions, LaterStepsSeeEarlierOnes) {
  commit(NftBatch().add(kPorts, {port(8080, "10.0.0.1")}));
  commit(NftBatch().remove(kPorts, {port(8080, "10.0.0.1")}).create(kPorts, {port(8080, "10.0.0.2")}));
  EXPECT_EQ(elements(kPorts), std::vector{port(8080, "10.0.0.2")});
}

TEST_F(NftTransactions, RemoveGoesByTheKeyAlone) {
  commit(NftBatch().add(kPorts, {port(8080, "10.0.0.1", "whose")}));
  commit(NftBatch().remove(kPorts, {port(8080, "10.0.0.99")}));
  EXPECT_TRUE(elements(kPorts).empty());
}

TEST_F(NftTransactions, FlushEmptiesOneSet) {
  commit(NftBatch().add(kPods, {pod("10.0.0.1"), pod("10.0.0.2")}).add(kPorts, {port(1, "10.0.0.1")}));
  commit(NftBatch().flush(kPods));
  EXPECT_TRUE(elements(kPods).empty());
  EXPECT_EQ(elements(kPorts).size(), 1u);
  commit(NftBatch().flush(kPods));
}

TEST_F(NftTransactions, AStepWithoutElementsChangesNothing) {
  // To the kernel a deletion without a list is a flush: it must never be sent.
  commit(NftBatch().add(kPods, {pod("10.0.0.1")}));
  commit(NftBatch().remove(kPods, {}).add(kPods, {}).create(kPods, {}));
  commit(NftBatch());
  EXPECT_EQ(elements(kPods).size(), 1u);
}

TEST_F(NftTransactions, AMissingSetOrTableIsNamed) {
  const Error no_set = refused(NftBatch().add({NftFamily::inet, "t", "absent"}, {pod("10.0.0.1")}));
  EXPECT_EQ(no_set.sys_errno, ENOENT);
  EXPECT_EQ(no_set.object, "inet t absent");
  const Error no_table = refused(NftBatch().flush({NftFamily::inet, "absent", "pods"}));
  EXPECT_EQ(no_table.sys_errno, ENOENT);
  EXPECT_EQ(no_table.object, "inet absent pods");
  const auto listed = nft->elements({NftFamily::ipv6, "t", "pods"});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().sys_errno, ENOENT);
  EXPECT_EQ(listed.error().object, "ip6 t pods");
}

TEST_F(NftTransactions, ManyRefusalsStillNameTheFirst) {
  // More answers than the socket's receive buffer takes.
  NftBatch batch;
  for (unsigned i = 1; i <= 3000; ++i)
    batch.remove(kPods, {{.key = NftBytes().addr(IpAddr::from_value(Family::v4, i))}});
  EXPECT_EQ(refused(batch).object, "inet t pods, element 00000001");
  commit(NftBatch().add(kPods, {pod("10.0.0.1")}));  // and the socket is fit for the next
  EXPECT_EQ(elements(kPods).size(), 1u);
}

TEST_F(NftTransactions, TheSameTimeoutIsNotRenewedByAddingAgain) {
  const NftElement e{.key = NftBytes().addr(ip("10.0.0.1")), .timeout = std::chrono::hours(1)};
  commit(NftBatch().add(kSeen, {e}));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto before = get(kSeen, e.key)->expires;
  commit(NftBatch().add(kSeen, {e}));
  EXPECT_LE(get(kSeen, e.key)->expires, before);
}

TEST_F(NftTransactions, IntervalsInsideOneAnother) {
  commit(NftBatch().add(kInside, {network("10.1.0.0/16")}));
  commit(NftBatch().add(kInside, {network("10.1.0.0/16")}));  // the same again: no error
  commit(NftBatch().add(kInside, {network("10.0.0.0/8")}));   // a wider one behind it: no error
  const Error e = refused(NftBatch().add(kInside, {network("10.2.0.0/16")}));
  EXPECT_EQ(e.sys_errno, EEXIST) << e.message();
  // A deletion goes by what holds the key: 10.2.0.0/16 was never there.
  commit(NftBatch().remove(kInside, {network("10.2.0.0/16")}));
  EXPECT_EQ(elements(kInside), std::vector{network("10.1.0.0/16")});
}

TEST_F(NftTransactions, TablesAreFoundAndDeleted) {
  EXPECT_TRUE(*nft->has_table(NftFamily::inet, "t"));
  EXPECT_FALSE(*nft->has_table(NftFamily::ipv4, "t"));
  EXPECT_TRUE(nft->delete_table(NftFamily::inet, "t"));
  EXPECT_FALSE(*nft->has_table(NftFamily::inet, "t"));
  EXPECT_TRUE(nft->delete_table(NftFamily::inet, "t")) << "gone already is success";
  EXPECT_EQ(tool({"list", "ruleset"}), "");
}

TEST_F(NftTransactions, AShapeThatNftRefusesIsDiagnosedAndChangesNothing) {
  const auto done = nft->load_shape("table inet u {\n  chain c {\n    jump nowhere\n  }\n}\n");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("/dev/stdin:3:"));
  EXPECT_THAT(done.error().message(), HasSubstr("No such file or directory"));
  EXPECT_FALSE(*nft->has_table(NftFamily::inet, "u"));
}

TEST_F(NftTransactions, EachNamespaceHasItsOwnTables) {
  auto other = NetNs::create();
  ASSERT_TRUE(other);
  auto theirs = kernel::open_nft(*other);
  ASSERT_TRUE(theirs);
  EXPECT_FALSE(*(*theirs)->has_table(NftFamily::inet, "t"));
}

}  // namespace
}  // namespace podwire::test
