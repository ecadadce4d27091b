#include "kernel/nft/monitor.h"
#include "tests/netns/nft_test.h"

namespace podwire::test {
namespace {

using kernel::NftEvent;

class NftMonitorTest : public NftTest {
 protected:
  void SetUp() override {
    NftTest::SetUp();
    auto opened = kernel::NftMonitor::open(*netns);
    ASSERT_TRUE(opened) << opened.error().message();
    monitor_ = std::make_unique<kernel::NftMonitor>(std::move(*opened));
    const auto loaded = nft->load_shape(
        "table inet t {\n set s { type ipv4_addr . inet_service; }\n chain c { accept; }\n}\n");
    ASSERT_TRUE(loaded) << loaded.error().message();
    events();
  }
  std::vector<NftEvent> events() {
    auto out = monitor_->read();
    EXPECT_TRUE(out) << out.error().message();
    return out ? *out : std::vector<NftEvent>();
  }
  std::unique_ptr<kernel::NftMonitor> monitor_;
};

TEST_F(NftMonitorTest, TellsElementsFromTheShape) {
  const NftSet set{NftFamily::inet, "t", "s"};
  const NftElement element{.key = NftBytes().addr(ip("192.0.2.1")).port(80)};
  ASSERT_TRUE(nft->commit(NftBatch().add(set, {element})));
  EXPECT_EQ(events(), (std::vector<NftEvent>{{NftEvent::What::elements, "t", false}}));
  ASSERT_TRUE(nft->commit(NftBatch().remove(set, {element})));
  EXPECT_EQ(events(), (std::vector<NftEvent>{{NftEvent::What::elements, "t", true}}));
  EXPECT_EQ(events(), std::vector<NftEvent>());
}

TEST_F(NftMonitorTest, TellsThatRulesWereFlushedAndThatTheTableIsGone) {
  const NftEvent gone{NftEvent::What::shape, "t", true};
  tool({"flush", "table", "inet", "t"});
  EXPECT_THAT(events(), ::testing::Contains(gone));
  tool({"delete", "table", "inet", "t"});
  EXPECT_THAT(events(), ::testing::Contains(gone));
}

}  // namespace
}  // namespace podwire::test
