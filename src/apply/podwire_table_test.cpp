#include "apply/podwire_table.h"

#include <gtest/gtest.h>

#include "kernel/fake/fake_host.h"

namespace podwire::apply {
namespace {

state::NftElement pair(std::string_view from, std::string_view to) {
  const auto a = Cidr::parse(from).value(), b = Cidr::parse(to).value();
  state::NftElement out;
  out.key.addr(a.first()).addr(b.first());
  out.key_end.addr(a.last()).addr(b.last());
  return out;
}

class PodwireTableTest : public testing::Test {
 protected:
  PodwireTableTest() : nft_(*host_.nft(kernel::NetNs::named("current"))), table_(*nft_) {}

  kernel::fake::FakeHost host_;
  std::unique_ptr<kernel::Nft> nft_;
  PodwireTable table_;
  const state::NftElements wanted_{{"masq4", {pair("10.244.1.0/24", "0.0.0.0/0")}},
                                   {"inside4", {pair("10.244.1.0/24", "10.244.0.0/16")}}};
};

TEST_F(PodwireTableTest, TheDifferenceIsDoneAndNothingElse) {
  EXPECT_EQ(*table_.apply(wanted_), 2U);
  EXPECT_EQ(*table_.apply(wanted_), 0U);
  EXPECT_EQ(nft_->elements(podwire_set("inside4"))->size(), 1U);
  EXPECT_EQ(*table_.apply({{"inside4", {pair("10.244.1.0/24", "10.0.0.0/8")}}}), 2U);
  EXPECT_EQ(nft_->elements(podwire_set("masq4"))->size(), 1U) << "a set that is not named";
  EXPECT_EQ(*table_.apply({{"masq4", {}}}), 1U);
  EXPECT_EQ(table_.loads(), 1U);
}

TEST_F(PodwireTableTest, WhatAnEarlierProgramLeftStays) {
  ASSERT_TRUE(table_.apply(wanted_).has_value());
  PodwireTable next(*nft_);
  EXPECT_EQ(*next.apply(wanted_), 0U);
  EXPECT_EQ(next.loads(), 1U) << "its rules may be others";
}

TEST_F(PodwireTableTest, ATableThatWasFlushedComesBack) {
  ASSERT_TRUE(table_.apply(wanted_).has_value());
  ASSERT_TRUE(nft_->delete_table(state::NftFamily::inet, "podwire").has_value());
  EXPECT_EQ(*table_.apply(wanted_), 2U);
  EXPECT_EQ(table_.loads(), 2U);
}

}  // namespace
}  // namespace podwire::apply
