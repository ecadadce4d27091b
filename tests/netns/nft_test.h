#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/process.h"
#include "kernel/nft/open.h"

namespace podwire::test {

using kernel::NetNs;
using kernel::NftBatch;
using state::NftBytes;
using state::NftElement;
using state::NftFamily;
using state::NftSet;
using state::NftVerdict;
using ::testing::HasSubstr;
using ::testing::Not;

inline IpAddr ip(const std::string& text) { return *IpAddr::parse(text); }

/// nf_tables of a namespace of the test's own, and Debian's `nft` as an independent reader of it.
class NftTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ns = NetNs::create();
    ASSERT_TRUE(ns) << ns.error().message();
    netns = std::make_unique<NetNs>(std::move(*ns));
    auto opened = kernel::open_nft(*netns);
    ASSERT_TRUE(opened) << opened.error().message();
    nft = std::move(*opened);
  }

  /// What the `nft` program prints for these arguments.
  std::string tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "nft");
    const auto out =
        run_checked({.argv = std::move(arguments), .before_exec = [this] { return netns->join(); }});
    EXPECT_TRUE(out) << out.error().message();
    return out.value_or("");
  }
  std::string listing(const NftSet& set) { return tool({"list", "set", "inet", set.table, set.name}); }

  void load(std::string_view shape) {
    const auto done = nft->load_shape(shape);
    ASSERT_TRUE(done) << done.error().message();
  }
  void commit(const NftBatch& batch) {
    const auto done = nft->commit(batch);
    ASSERT_TRUE(done) << done.error().message();
  }
  /// The Error of a batch that must be refused.
  Error refused(const NftBatch& batch) {
    const auto done = nft->commit(batch);
    EXPECT_FALSE(done) << "accepted:\n" << batch.str();
    return done ? Error{} : done.error();
  }
  std::vector<NftElement> elements(const NftSet& set) {
    auto all = nft->elements(set);
    EXPECT_TRUE(all) << all.error().message();
    return all.value_or(std::vector<NftElement>());
  }
  std::optional<NftElement> get(const NftSet& set, const NftBytes& key) {
    auto one = nft->get(set, key);
    EXPECT_TRUE(one) << one.error().message();
    return one.value_or(std::nullopt);
  }

  std::unique_ptr<NetNs> netns;
  std::unique_ptr<kernel::Nft> nft;
};

}  // namespace podwire::test
