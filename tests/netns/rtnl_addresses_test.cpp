#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::Existing;
using state::Address;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Case {
  const char* name;
  const char* address;
  const char* other;
  Family family;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class RtnlAddresses : public TwoNamespaces, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (!IsSkipped()) index_ = veth();
  }
  Address wanted() { return {.link_index = index_, .cidr = cidr(GetParam().address), .no_dad = true}; }
  std::vector<Address> global(std::optional<Family> family = {}, int link = 0) {
    auto all = must(host()->addresses(family, link));
    std::erase_if(all, [](const Address& a) { return a.scope != state::Scope::global; });
    return all;
  }
  int index_ = 0;
};

TEST_P(RtnlAddresses, AddListDelete) {
  must(host()->add_address(wanted()));
  const auto listed = global();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].cidr, wanted().cidr) << "host bits are kept";
  EXPECT_EQ(listed[0].link_index, index_);
  EXPECT_TRUE(listed[0].permanent);
  EXPECT_FALSE(listed[0].tentative) << "no duplicate address detection";
  EXPECT_EQ(global(GetParam().family).size(), 1u);
  EXPECT_THAT(global({}, 1), IsEmpty()) << "lo has none of it";
  EXPECT_EQ(global({}, index_).size(), 1u);
  const auto other = GetParam().family == Family::v4 ? Family::v6 : Family::v4;
  EXPECT_THAT(must(host()->addresses(other)), Each(Not(Field(&Address::cidr, wanted().cidr))));
  EXPECT_THAT(host().run({"ip", "address", "show", "dev", "vethA"}), HasSubstr(GetParam().address));

  must(host()->delete_address(wanted()));
  EXPECT_THAT(global(), IsEmpty());
  const auto again = host()->delete_address(wanted());
  EXPECT_EQ(errno_of(again), EADDRNOTAVAIL);
  EXPECT_THAT(again.error().message(), HasSubstr(std::string("delete address ") + GetParam().address));
}

TEST_P(RtnlAddresses, TwiceIsRefusedUnlessReplaced) {
  must(host()->add_address(wanted()));
  const auto twice = host()->add_address(wanted());
  EXPECT_EQ(errno_of(twice), EEXIST);
  EXPECT_THAT(twice.error().detail, HasSubstr("already assigned")) << "the kernel's own words";
  must(host()->add_address(wanted(), Existing::replace));
  EXPECT_EQ(global().size(), 1u);
}

TEST_P(RtnlAddresses, SeveralOnOneLink) {
  must(host()->add_address(wanted()));
  must(host()->add_address({.link_index = index_, .cidr = cidr(GetParam().other), .no_dad = true}));
  EXPECT_EQ(global(GetParam().family, index_).size(), 2u);
}

TEST_P(RtnlAddresses, ALinkThatIsGone) {
  auto a = wanted();
  a.link_index = 999;
  EXPECT_EQ(errno_of(host()->add_address(a)), ENODEV);
  EXPECT_EQ(errno_of(host()->addresses({}, 999)), ENODEV);
  EXPECT_EQ(errno_of(host()->addresses(GetParam().family, 999)), ENODEV);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RtnlAddresses,
                         testing::Values(Case{"v4", "10.244.1.5/24", "10.99.0.1/32", Family::v4},
                                         Case{"v6", "fd00:1::5/64", "fd00:2::1/128", Family::v6}),
                         [](const auto& info) { return std::string(info.param.name); });

class RtnlAddressKinds : public TwoNamespaces {};

TEST_F(RtnlAddressKinds, ScopeAndBroadcast) {
  const Address a{.link_index = 1,
                  .cidr = cidr("10.0.0.5/24"),
                  .scope = state::Scope::host,
                  .broadcast = addr("10.0.0.255")};
  must(host()->add_address(a));
  EXPECT_THAT(must(host()->addresses(Family::v4, 1)), Contains(a));
}

TEST_F(RtnlAddressKinds, WithDuplicateAddressDetectionItIsTentativeFirst) {
  const int index = veth();
  must(host()->add_address({.link_index = index, .cidr = cidr("fd00::1/64")}));
  EXPECT_THAT(must(host()->addresses(Family::v6, index)),
              Contains(AllOf(Field(&Address::cidr, cidr("fd00::1/64")), Field(&Address::tentative, true),
                             Field(&Address::no_dad, false))));
}

}  // namespace
}  // namespace podwire::test
