#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "plan/pod_cidrs.h"

// Nodes that come and go at random, each step compared with the simplest next-fit there is.
namespace podwire::plan {
namespace {

constexpr unsigned kSubnets = 64;
constexpr int kSteps = 200'000;

TEST(PodCidrs, DoWhatTheModelDoes) {
  const std::vector ranges{Cidr::parse("10.244.0.0/18").value(), Cidr::parse("fd00::/58").value()};
  const std::vector services{Cidr::parse("10.244.7.0/25").value()};
  auto all = PodCidrs::over(ranges, {}, services).value();

  std::array<std::vector<bool>, 2> used{std::vector<bool>(kSubnets), std::vector<bool>(kSubnets)};
  used[0][7] = true;
  std::array<unsigned, 2> next{};
  std::vector<std::vector<Cidr>> nodes;
  std::mt19937 random(20261123);  // the same steps in every run
  const auto index = [&](const Cidr& cidr, std::size_t family) {
    const unsigned shift = family == 0 ? 8 : 64;
    return static_cast<unsigned>((cidr.first().value() - ranges[family].first().value()) >> shift);
  };

  for (int step = 0; step < kSteps; ++step) {
    const bool filling = step / 300 % 2 == 0;
    if (!nodes.empty() && random() % 10 < (filling ? 2U : 7U)) {
      const auto nth = random() % nodes.size();
      for (std::size_t family = 0; family < 2; ++family)
        used[family][index(nodes[nth][family], family)] = false;
      all.release(nodes[nth]);
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(nth));
      continue;
    }
    const auto got = all.allocate();
    ASSERT_EQ(got.has_value(), nodes.size() < kSubnets - 1) << step;  // IPv4 has one less: both or none
    if (!got) continue;
    for (std::size_t family = 0; family < 2; ++family) {
      unsigned want = next[family];
      while (used[family][want]) want = (want + 1) % kSubnets;
      ASSERT_EQ(index((*got)[family], family), want) << step;
      used[family][want] = true;
      next[family] = (want + 1) % kSubnets;
    }
    nodes.push_back(*got);
  }
}

}  // namespace
}  // namespace podwire::plan
