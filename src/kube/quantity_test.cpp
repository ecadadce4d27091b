#include "kube/quantity.h"

#include <gtest/gtest.h>

namespace podwire::kube {
namespace {

struct Spelling {
  std::string_view text, canonical;
};

class QuantitySpelling : public testing::TestWithParam<Spelling> {};

TEST_P(QuantitySpelling, IsCanonical) {
  const auto quantity = Quantity::parse(GetParam().text);
  ASSERT_TRUE(quantity) << GetParam().text;
  EXPECT_EQ(quantity->str(), GetParam().canonical) << GetParam().text;
  EXPECT_EQ(*Quantity::parse(quantity->str()), *quantity);
}

INSTANTIATE_TEST_SUITE_P(
    All, QuantitySpelling,
    testing::Values(Spelling{"0", "0"}, Spelling{"0Ki", "0"}, Spelling{"1", "1"}, Spelling{"+1", "1"},
                    Spelling{"1.0", "1"}, Spelling{"0.5", "500m"}, Spelling{".5", "500m"},
                    Spelling{"5.", "5"}, Spelling{"1.5", "1500m"}, Spelling{"100m", "100m"},
                    Spelling{"1000m", "1"}, Spelling{"1000", "1k"}, Spelling{"100000", "100k"},
                    Spelling{"1500", "1500"}, Spelling{"128Mi", "128Mi"}, Spelling{"1024Ki", "1Mi"},
                    Spelling{"1.5Gi", "1536Mi"}, Spelling{"1000Ki", "1000Ki"}, Spelling{"0.5Ki", "512"},
                    Spelling{"100Ei", "9223372036854775807"}, Spelling{"1e3", "1e3"},
                    Spelling{"12e-3", "12e-3"}, Spelling{"1E", "1E"}, Spelling{"2E3", "2e3"},
                    Spelling{"1e-20", "1e-9"}, Spelling{"0.0000000001", "1n"}, Spelling{"-1.5", "-1500m"},
                    Spelling{"-2Mi", "-2Mi"}, Spelling{"3u", "3u"},
                    Spelling{"1e999999", "9223372036854775807"},
                    Spelling{"99999999999999999999999999", "9223372036854775807"}));

TEST(Quantity, RefusesInKubernetesWords) {
  const auto detail = [](std::string_view text) {
    const auto quantity = Quantity::parse(text);
    return quantity ? "accepted" : quantity.error().detail;
  };
  constexpr std::string_view kForm =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  for (const std::string_view text : {"", "-", "Mi", "1 Mi", "1x", "a"})
    EXPECT_EQ(detail(text), kForm) << text;
  for (const std::string_view text : {"1mi", "1KiB", "1e", "1ee3", "1kk", "1e3m"})
    EXPECT_NE(detail(text), "accepted") << text;
  EXPECT_EQ(detail("1Kii"), "unable to parse quantity's suffix");
  EXPECT_EQ(detail("1.2.3"), "unable to parse numeric part of quantity");
  EXPECT_EQ(detail("."), "unable to parse numeric part of quantity");
}

Quantity parsed(std::string_view text) { return *Quantity::parse(text); }

TEST(Quantity, ComparesAmountsNotSpellings) {
  EXPECT_EQ(parsed("1"), parsed("1000m"));
  EXPECT_EQ(parsed("1Ki"), parsed("1024"));
  EXPECT_LT(parsed("1k"), parsed("1Ki"));
  EXPECT_LT(parsed("-1"), parsed("0"));
  EXPECT_GT(parsed("1"), parsed("999999999n"));
}

TEST(Quantity, Adds) {
  EXPECT_EQ((parsed("100m") + parsed("1")).str(), "1100m");
  EXPECT_EQ((parsed("0") + parsed("1Gi")).str(), "1Gi");
  EXPECT_EQ((parsed("1Gi") + parsed("512Mi")).str(), "1536Mi");
  EXPECT_EQ((parsed("1Gi") - parsed("1Gi")).str(), "0");
}

TEST(Quantity, RoundsAwayFromZero) {
  EXPECT_EQ(parsed("1001m").value(), 2);
  EXPECT_EQ(parsed("-1001m").value(), -2);
  EXPECT_EQ(parsed("0.0001").milli_value(), 1);
  EXPECT_EQ(parsed("2").milli_value(), 2000);
  EXPECT_EQ(parsed("1u").to_milli().str(), "1m");
  EXPECT_EQ(Quantity::of(7).str(), "7");
  EXPECT_TRUE(parsed("3").is_integer());
  EXPECT_FALSE(parsed("3500m").is_integer());
}

}  // namespace
}  // namespace podwire::kube
