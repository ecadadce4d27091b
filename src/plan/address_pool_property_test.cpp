#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "plan/address_pool.h"

// Many random allocations and releases, each compared with a model that is too simple to be wrong and too
// slow to be used.
namespace podwire::plan {
namespace {

using Time = std::chrono::system_clock::time_point;
constexpr std::chrono::seconds kCooldown(30);
constexpr int kStepsOfEachPool = 40'000;

class Model {
 public:
  explicit Model(const RangeSet& set) {
    const auto is_gateway = [&](const IpAddr& a) {
      return std::ranges::any_of(set, [&](const Range& r) { return r.gateway == a; });
    };
    for (const Range& range : set)
      for (u128 v = range.first->value(); v <= range.last->value(); ++v) {
        const IpAddr a = IpAddr::from_value(range.subnet.family(), v);
        if (!is_gateway(a)) order_.push_back(a);
      }
  }

  std::optional<IpAddr> choose(Time now, bool& pressed) const {
    const auto last = std::ranges::find(order_, last_);
    const std::size_t begin = last == order_.end() ? 0 : static_cast<std::size_t>(last - order_.begin()) + 1;
    std::optional<IpAddr> oldest;
    pressed = false;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const IpAddr& a = order_[(begin + i) % order_.size()];
      if (taken_.contains(a)) continue;
      const auto freed = freed_.find(a);
      if (freed == freed_.end() || now - freed->second >= kCooldown) return a;
      if (!oldest || std::pair(freed->second, a) < std::pair(freed_.at(*oldest), *oldest)) oldest = a;
    }
    pressed = true;
    return oldest;
  }

  void take(const IpAddr& a) {
    taken_.insert(a);
    freed_.erase(a);
    last_ = a;
  }
  void free(IpAddr a, Time now) {
    taken_.erase(a);
    freed_[a] = now;
  }
  [[nodiscard]] Usage usage() const {
    Usage out{.taken = {}, .freed = {}, .last = last_ == IpAddr() ? std::nullopt : std::optional(last_)};
    out.taken.assign(taken_.begin(), taken_.end());
    for (const auto& [a, when] : freed_) out.freed.push_back({a, when});
    return out;
  }
  [[nodiscard]] const std::set<IpAddr>& taken() const { return taken_; }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  std::vector<IpAddr> order_;
  std::set<IpAddr> taken_;
  std::map<IpAddr, Time> freed_;
  IpAddr last_;  // 0.0.0.0: none yet
};

Range made(std::string_view subnet, std::string_view first = "", std::string_view last = "",
           std::string_view gateway = "") {
  const auto optional = [](std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(IpAddr::parse(text).value());
  };
  return complete({Cidr::parse(subnet).value(), optional(first), optional(last), optional(gateway)}).value();
}

class AddressPool : public testing::TestWithParam<RangeSet> {};

TEST_P(AddressPool, DoesWhatTheModelDoes) {
  const RangeSet& set = GetParam();
  Model model(set);
  std::mt19937 random(20261123);  // the same steps in every run
  Time now{std::chrono::hours(500'000)};
  ASSERT_EQ(capacity(set), model.size());

  for (int step = 0; step < kStepsOfEachPool; ++step) {
    now += std::chrono::milliseconds(random() % 4000);
    // Phases that fill the pool and phases that empty it, so that both ends are met.
    const bool filling = step / 200 % 2 == 0;
    const bool allocate = model.taken().empty() || random() % 10 < (filling ? 8 : 3);
    if (!allocate) {
      auto it = model.taken().begin();
      std::advance(it, random() % model.taken().size());
      model.free(*it, now);
      continue;
    }
    bool pressed = false;
    const auto want = model.choose(now, pressed);
    const auto got = choose(set, model.usage(), now, kCooldown);
    ASSERT_EQ(got.has_value(), want.has_value()) << "step " << step;
    if (!got) continue;
    ASSERT_EQ(got->addr, *want) << "step " << step;
    ASSERT_EQ(got->cooldown_cut, pressed) << "step " << step;
    ASSERT_FALSE(model.taken().contains(got->addr)) << "given twice: " << got->addr.str();
    ASSERT_TRUE(got->range.subnet.contains(got->addr));
    model.take(got->addr);
  }

  // None is lost: what is not taken now can all be had.
  for (std::size_t left = model.size() - model.taken().size(); left > 0; --left) {
    const auto got = choose(set, model.usage(), now, kCooldown);
    ASSERT_TRUE(got);
    ASSERT_FALSE(model.taken().contains(got->addr));
    model.take(got->addr);
  }
  EXPECT_FALSE(choose(set, model.usage(), now, kCooldown));
}

INSTANTIATE_TEST_SUITE_P(
    Pools, AddressPool,
    testing::Values(RangeSet{made("10.1.0.0/30")}, RangeSet{made("10.1.0.0/28", "", "", "10.1.0.7")},
                    RangeSet{made("10.1.0.0/24", "10.1.0.20", "10.1.0.59"), made("10.2.0.0/29"),
                             made("10.1.0.0/24", "10.1.0.1", "10.1.0.3")},
                    RangeSet{made("fd00::/122")},
                    RangeSet{made("fd00::/64", "fd00::ffff", "fd00::1:1a"), made("fd01::/126")}));

}  // namespace
}  // namespace podwire::plan
