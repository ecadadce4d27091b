#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "plan/cluster_ips.h"

// A million random allocations and releases, each compared with a model that is too simple to be wrong.
namespace podwire::plan {
namespace {

constexpr int kStepsOfEachPool = 250'000;

/// Every address of a pool with what it is, and the ones in use in a list.
class Model {
 public:
  explicit Model(const std::vector<Cidr>& cidrs) {
    for (const auto& cidr : cidrs) {
      const auto range = ServiceRange::of(cidr).value();
      const u128 border = range.first.value() + range.static_band;
      for (u128 v = range.first.value(); v <= range.last.value(); ++v) {
        auto& one = all_[IpAddr::from_value(cidr.family(), v)];
        one.dynamic = one.dynamic || v >= border;
      }
    }
    for (const auto& [addr, one] : all_) free_dynamic_ += one.dynamic ? 1 : 0;
  }

  [[nodiscard]] bool knows(const IpAddr& addr) const { return all_.contains(addr); }
  [[nodiscard]] bool is_taken(const IpAddr& addr) const { return all_.at(addr).taken; }
  [[nodiscard]] bool is_dynamic(const IpAddr& addr) const { return all_.at(addr).dynamic; }
  [[nodiscard]] bool has_free_dynamic() const { return free_dynamic_ > 0; }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const std::vector<IpAddr>& in_use() const { return in_use_; }

  void take(const IpAddr& addr) {
    auto& one = all_.at(addr);
    one.taken = true;
    free_dynamic_ -= one.dynamic ? 1 : 0;
    in_use_.push_back(addr);
  }
  IpAddr free(std::size_t nth) {
    const auto addr = in_use_[nth];
    std::swap(in_use_[nth], in_use_.back());
    in_use_.pop_back();
    auto& one = all_.at(addr);
    one.taken = false;
    free_dynamic_ += one.dynamic ? 1 : 0;
    return addr;
  }
  [[nodiscard]] IpAddr any(std::uint64_t draw) const {
    return std::next(all_.begin(), static_cast<std::ptrdiff_t>(draw % all_.size()))->first;
  }

 private:
  struct One {
    bool dynamic = false;  // in the upper band of some range
    bool taken = false;
  };
  std::map<IpAddr, One> all_;
  std::vector<IpAddr> in_use_;
  int free_dynamic_ = 0;
};

class ClusterIpsPool : public testing::TestWithParam<std::vector<std::string_view>> {};

TEST_P(ClusterIpsPool, DoesWhatTheModelDoes) {
  std::vector<Cidr> cidrs;
  for (const auto text : GetParam()) cidrs.push_back(Cidr::parse(text).value());
  const Family family = cidrs.front().family();
  Model model(cidrs);
  std::mt19937_64 random(20261123);  // the same steps in every run
  ClusterIps ips([source = std::mt19937_64(3)]() mutable { return source(); });
  for (const auto& cidr : cidrs) ASSERT_TRUE(ips.add(cidr.str(), std::vector{cidr}));

  for (int step = 0; step < kStepsOfEachPool; ++step) {
    // Phases that fill the pool and phases that empty it, so that both ends are met.
    const bool filling = step / 2000 % 2 == 0;
    const auto die = random() % 100;
    if (!model.in_use().empty() && die < (filling ? 20U : 70U)) {
      ASSERT_TRUE(ips.release(model.free(random() % model.in_use().size())));
    } else if (die < 95) {
      const bool full = model.in_use().size() == model.size();
      const auto got = ips.allocate(family);
      ASSERT_EQ(got.has_value(), !full) << "step " << step;
      if (!got) continue;
      ASSERT_TRUE(model.knows(*got)) << got->str();
      ASSERT_FALSE(model.is_taken(*got)) << "given twice: " << got->str();
      ASSERT_EQ(model.is_dynamic(*got), model.has_free_dynamic()) << got->str();
      model.take(*got);
    } else {
      const auto wanted = model.any(random());
      ASSERT_EQ(ips.allocate(wanted).has_value(), !model.is_taken(wanted)) << wanted.str();
      if (!model.is_taken(wanted)) model.take(wanted);
    }
    ASSERT_EQ(ips.taken_count(family), model.in_use().size());
  }

  // None is lost: what is not in use now can all be had.
  while (model.in_use().size() < model.size()) {
    const auto got = ips.allocate(family);
    ASSERT_TRUE(got);
    ASSERT_FALSE(model.is_taken(*got));
    model.take(*got);
  }
  EXPECT_FALSE(ips.allocate(family));
}

INSTANTIATE_TEST_SUITE_P(Pools, ClusterIpsPool,
                         testing::Values(std::vector<std::string_view>{"10.96.0.0/28"},
                                         std::vector<std::string_view>{"10.96.0.0/22"},
                                         std::vector<std::string_view>{"10.96.0.0/24", "10.96.0.64/26",
                                                                       "10.97.0.0/27"},
                                         std::vector<std::string_view>{"fd00::/120", "fd01::/124"}));

TEST(ClusterIps, AFullTwelveIsAsQuickAsAnEmptyOne) {
  ClusterIps ips([source = std::mt19937_64(7)]() mutable { return source(); });
  const auto range = Cidr::parse("10.96.0.0/12").value();
  ASSERT_TRUE(ips.add("kubernetes", std::vector{range}));
  std::vector<bool> given(std::size_t{1} << 20);
  for (int i = 0; i < 1'048'574; ++i) {
    const auto addr = ips.allocate(Family::v4);
    ASSERT_TRUE(addr);
    const auto index = static_cast<std::size_t>(addr->value() - range.addr().value());
    ASSERT_FALSE(given[index]);
    given[index] = true;
  }
  // Would take hours if a search went through what is taken.
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_FALSE(ips.allocate(Family::v4));
    const auto one = IpAddr::from_value(Family::v4, range.addr().value() + 1 + static_cast<u128>(i) * 10);
    ASSERT_TRUE(ips.release(one));
    ASSERT_EQ(ips.allocate(Family::v4).value(), one);
  }
}

}  // namespace
}  // namespace podwire::plan
