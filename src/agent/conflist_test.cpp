#include "agent/conflist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::agent {
namespace {

using testing::HasSubstr;

Cidr net(std::string_view text) { return Cidr::parse(text).value(); }

TEST(Conflist, EachFamilyIsASetOfItsOwn) {
  const std::vector<Cidr> cidrs{net("10.244.1.0/24"), net("fd44:0:0:1::/64")};
  EXPECT_THAT(text_of({.mtu = 1450, .pod_cidrs = cidrs}),
              HasSubstr(R"("ranges":[[{"subnet":"10.244.1.0/24"}],[{"subnet":"fd44:0:0:1::/64"}]],)"
                        R"("routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}])"));
}

TEST(Conflist, SeveralBlocksOfAFamilyAreOneSetSoThatAPodHasOneAddress) {
  const std::vector<Cidr> cidrs{net("10.244.9.0/26"), net("fd44::40/122"), net("10.244.9.128/26")};
  EXPECT_THAT(text_of({.mtu = 1450, .pod_cidrs = cidrs}),
              HasSubstr(R"("ranges":[[{"subnet":"10.244.9.0/26"},{"subnet":"10.244.9.128/26"}],)"
                        R"([{"subnet":"fd44::40/122"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}])"));
}

}  // namespace
}  // namespace podwire::agent
