#include "cni/ipam_store.h"

#include "cni/ipam_testing.h"

namespace podwire::cni {
namespace {

using plan::RangeSet;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Addresses = std::vector<std::string>;
const Owner kAlice{"alice", "eth0"}, kBob{"bob", "eth0"}, kCarol{"carol", "eth0"};
const std::vector<RangeSet> kFour{{range_of("10.1.0.0/24", "10.1.0.2", "10.1.0.5")}};
const std::vector<RangeSet> kDual{{range_of("10.1.0.0/24")}, {range_of("fd00::/64")}};

class IpamStoreTest : public testing::Test {
 protected:
  IpamStore store(std::string boot = "boot-1") {
    return {dir_.path(), "net", {.boot_id = std::move(boot), .durability = Durability::until_reboot}};
  }
  Addresses reserve(const Owner& owner, const std::vector<RangeSet>& sets = kFour,
                    const std::vector<IpAddr>& wanted = {},
                    std::chrono::seconds cooldown = std::chrono::seconds(30)) {
    const auto got = store().reserve(owner, sets, wanted, cooldown);
    EXPECT_TRUE(got) << got.error().msg;
    Addresses out;
    if (got)
      for (const auto& choice : *got) out.push_back(choice.addr.str());
    return out;
  }
  CniError error_of(const Owner& owner, const std::vector<RangeSet>& sets,
                    const std::vector<IpAddr>& wanted = {}) {
    const auto got = store().reserve(owner, sets, wanted);
    EXPECT_FALSE(got);
    return got ? CniError{} : got.error();
  }
  Addresses taken() {
    Addresses out;
    for (const auto& r : store().reservations().value()) out.push_back(r.addr.str());
    return out;
  }
  [[nodiscard]] std::string file(std::string_view name) const {
    return dir_.path() + "/net/" + std::string(name);
  }
  void write(std::string_view name, std::string_view text) {
    std::filesystem::create_directories(dir_.path() + "/net");
    std::ofstream(file(name)) << text;
  }
  static void age(const std::string& path, std::chrono::seconds by) {
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - by);
  }

  TemporaryDirectory dir_;
};

TEST_F(IpamStoreTest, GivesOneAddressOfEachSetInTurn) {
  EXPECT_EQ(reserve(kAlice, kDual), (Addresses{"10.1.0.2", "fd00::2"}));
  EXPECT_EQ(reserve(kBob, kDual), (Addresses{"10.1.0.3", "fd00::3"}));
  EXPECT_EQ(store().addresses_of(kBob).value(), (std::vector{addr("10.1.0.3"), addr("fd00::3")}));
  const auto all = store().reservations().value();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].owner, kAlice);
  EXPECT_EQ(all[0].boot_id, "boot-1");
}

TEST_F(IpamStoreTest, TellsTheRangeOfAnAddress) {
  const auto got = store().reserve(kAlice, kDual, {});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->at(0).range, kDual[0][0]);
  EXPECT_EQ(got->at(1).range.gateway, addr("fd00::1"));
}

TEST_F(IpamStoreTest, TheFileIsOneThatHostLocalReads) {
  reserve(kAlice);
  std::ifstream in(file("10.1.0.2"), std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "alice\r\neth0\r\nboot-1\r\n10.1.0.2\r\n");
}

TEST_F(IpamStoreTest, TheSameOwnerGetsTheSameAddresses) {
  EXPECT_EQ(reserve(kAlice, kDual), reserve(kAlice, kDual));
  EXPECT_EQ(taken().size(), 2U);
  EXPECT_EQ(reserve({"alice", "net1"}, kDual), (Addresses{"10.1.0.3", "fd00::3"}));
}

// ADD was killed between two address families.
TEST_F(IpamStoreTest, CompletesHalfAReservation) {
  reserve(kAlice, kDual);
  std::filesystem::remove(file("fd00::2"));
  reserve(kBob, kDual);
  EXPECT_EQ(reserve(kAlice, kDual), (Addresses{"10.1.0.2", "fd00::4"}));
}

TEST_F(IpamStoreTest, ReleaseGivesBackAllOfAnOwner) {
  reserve(kAlice, kDual);
  reserve(kBob, kDual);
  EXPECT_THAT(store().release(kAlice).value(), ElementsAre(addr("10.1.0.2"), addr("fd00::2")));
  EXPECT_THAT(store().release(kAlice).value(), IsEmpty());
  EXPECT_EQ(taken(), (Addresses{"10.1.0.3", "fd00::3"}));
  store().release(kBob).value();
  EXPECT_THAT(left_in(file("")), IsEmpty());
}

TEST_F(IpamStoreTest, ReleaseOfANetworkThatIsNotThereSucceeds) {
  EXPECT_THAT(store().release(kAlice).value(), IsEmpty());
  EXPECT_THAT(store().collect_garbage({}).value(), IsEmpty());
  EXPECT_THAT(store().reservations().value(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(dir_.path() + "/net"));
}

TEST_F(IpamStoreTest, KnownAddressesOfOthersAreLeftAlone) {
  reserve(kAlice);
  reserve(kBob);
  EXPECT_THAT(store().release(kAlice, {addr("10.1.0.2"), addr("10.1.0.3"), addr("10.9.9.9")}).value(),
              ElementsAre(addr("10.1.0.2")));
  EXPECT_EQ(taken(), Addresses{"10.1.0.3"});
}

TEST_F(IpamStoreTest, AFreedAddressCoolsDown) {
  reserve(kAlice);  // .2
  store().release(kAlice).value();
  EXPECT_EQ(reserve(kBob), Addresses{"10.1.0.3"});
  EXPECT_EQ(reserve({"c", "eth0"}), Addresses{"10.1.0.4"});
  EXPECT_EQ(reserve({"d", "eth0"}), Addresses{"10.1.0.5"});
  age(file("freed/10.1.0.2"), std::chrono::seconds(40));
  EXPECT_EQ(reserve({"e", "eth0"}), Addresses{"10.1.0.2"});
  EXPECT_FALSE(std::filesystem::exists(file("freed/10.1.0.2")));
}

TEST_F(IpamStoreTest, UnderPressureTheCoolDownIsCut) {
  for (const auto* id : {"a", "b", "c", "d"}) reserve({id, "eth0"});
  store().release({"c", "eth0"}).value();
  store().release({"a", "eth0"}).value();
  age(file("freed/10.1.0.4"), std::chrono::seconds(5));
  const auto got = store().reserve(kAlice, kFour, {});
  ASSERT_TRUE(got) << got.error().msg;
  EXPECT_EQ(got->at(0).addr, addr("10.1.0.4"));
  EXPECT_TRUE(got->at(0).cooldown_cut);
}

TEST_F(IpamStoreTest, PurgesTombstonesALittleAtATime) {
  reserve(kAlice);
  std::filesystem::create_directories(file("freed"));
  for (int i = 0; i < 100; ++i) {
    write("freed/10.7.0." + std::to_string(i), "");
    age(file("freed/10.7.0." + std::to_string(i)), std::chrono::seconds(100));
  }
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(file("freed")),
                         std::filesystem::directory_iterator());
  };
  reserve(kBob);
  EXPECT_EQ(count(), 36);
  reserve(kCarol);
  EXPECT_EQ(count(), 0);
}

TEST_F(IpamStoreTest, AFullPoolSaysSo) {
  for (const auto* id : {"a", "b", "c", "d"}) reserve({id, "eth0"});
  const auto e = error_of(kAlice, kFour);
  EXPECT_EQ(e.code, Code::try_again_later);
  EXPECT_EQ(e.msg, "network \"net\" has no free address in 10.1.0.0/24 (10.1.0.2-10.1.0.5): all 4 are taken");
  EXPECT_EQ(store().free_in_fullest(kFour).value(), 0U);
  store().release({"b", "eth0"}).value();
  EXPECT_EQ(store().free_in_fullest(kFour).value(), 1U);
}

TEST_F(IpamStoreTest, AllFamiliesOrNone) {
  const std::vector<RangeSet> small_v6{{range_of("10.1.0.0/24")}, {range_of("fd00::/126")}};  // ::2 and ::3
  reserve(kAlice, small_v6);
  reserve(kBob, small_v6);
  const auto e = error_of(kCarol, small_v6);
  EXPECT_EQ(e.code, Code::try_again_later);
  EXPECT_THAT(e.msg, HasSubstr("fd00::/126"));
  EXPECT_EQ(taken().size(), 4U);
  EXPECT_THAT(store().addresses_of(kCarol).value(), IsEmpty());
  EXPECT_EQ(left_in(file("")).size(), 8U);  // four addresses, four notes
}

TEST_F(IpamStoreTest, AFileThatCannotBeMadeIsAnIoFailure) {
  std::filesystem::create_directories(file(".tmp-podwire"));  // a directory in the way
  EXPECT_EQ(error_of(kAlice, kDual).code, Code::io_failure);
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(file("owners/alice:eth0:0")));
  std::filesystem::remove(file(".tmp-podwire"));
  EXPECT_EQ(reserve(kAlice, kDual), (Addresses{"10.1.0.2", "fd00::2"}));
}

TEST_F(IpamStoreTest, GivesRequestedAddresses) {
  EXPECT_EQ(reserve(kAlice, kDual, {addr("fd00::77"), addr("10.1.0.9")}),
            (Addresses{"10.1.0.9", "fd00::77"}));
  EXPECT_EQ(reserve(kAlice, kDual, {addr("fd00::77")}), (Addresses{"10.1.0.9", "fd00::77"}));
  EXPECT_EQ(reserve(kBob, kDual, {addr("10.1.0.7"), addr("10.1.0.7")}), (Addresses{"10.1.0.7", "fd00::2"}));
}

TEST_F(IpamStoreTest, RefusesRequestsThatItCannotFulfil) {
  reserve(kAlice, kDual, {addr("10.1.0.9")});
  const auto taken_error = error_of(kBob, kDual, {addr("10.1.0.9")});
  EXPECT_EQ(taken_error.code, Code::try_again_later);
  EXPECT_EQ(taken_error.msg, "requested address 10.1.0.9 of network \"net\" is taken by container alice");
  const auto foreign = error_of(kBob, kDual, {addr("10.9.0.9")});
  EXPECT_EQ(foreign.code, Code::bad_config);
  EXPECT_THAT(foreign.msg, HasSubstr("10.9.0.9: it is in none of the ranges"));
  EXPECT_THAT(error_of(kBob, kDual, {addr("fd00::1")}).msg, HasSubstr("fd00::1: it is the gateway"));
  const auto two = error_of(kBob, kDual, {addr("10.1.0.7"), addr("10.1.0.8")});
  EXPECT_EQ(two.code, Code::bad_config);
  EXPECT_THAT(two.msg, HasSubstr("10.1.0.7 and 10.1.0.8 are both of"));
  EXPECT_THAT(store().addresses_of(kBob).value(), IsEmpty());
}

TEST_F(IpamStoreTest, CollectsWhatNobodyOwns) {
  reserve(kAlice, kDual);
  reserve(kBob, kDual);
  write("10.1.0.40", "");      // a crash of host-local
  write("notes.txt", "mine");  // not ours
  write(".tmp-podwire", "x");  // a kill of ours
  const auto gone = store().collect_garbage({kBob, kCarol}).value();
  Addresses names;
  for (const auto& r : gone) names.push_back(r.addr.str());
  EXPECT_THAT(names, UnorderedElementsAre("10.1.0.2", "fd00::2", "10.1.0.40"));
  EXPECT_EQ(left_in(file("")), (std::set<std::string>{"10.1.0.3", "fd00::3", "notes.txt", "owners/bob:eth0:0",
                                                      "owners/bob:eth0:1"}));
  EXPECT_EQ(reserve(kCarol, kDual), (Addresses{"10.1.0.4", "fd00::4"}));
}

TEST_F(IpamStoreTest, AnEmptyListMeansThatNobodyIsValid) {
  reserve(kAlice, kDual);
  EXPECT_EQ(store().collect_garbage({}).value().size(), 2U);
  EXPECT_THAT(left_in(file("")), IsEmpty());
}

TEST_F(IpamStoreTest, AfterARebootEverythingIsVoid) {
  for (const auto* id : {"a", "b", "c", "d"}) reserve({id, "eth0"});
  EXPECT_EQ(store("boot-2").free_in_fullest(kFour).value(), 4U);  // STATUS comes before the first ADD
  const auto got = store("boot-2").reserve(kAlice, kFour, {});
  ASSERT_TRUE(got) << got.error().msg;
  EXPECT_EQ(taken().size(), 1U);
  EXPECT_EQ(left_in(file("")), (std::set<std::string>{got->at(0).addr.str(), "owners/alice:eth0:0"}));
}

TEST_F(IpamStoreTest, GarbageCollectionSeesTheRebootToo) {
  reserve(kAlice);
  EXPECT_EQ(store("boot-2").collect_garbage({kAlice}).value().size(), 1U);
}

TEST_F(IpamStoreTest, DelOfAContainerFromBeforeTheReboot) {
  reserve(kAlice);
  EXPECT_THAT(store("boot-2").release(kAlice).value(), ElementsAre(addr("10.1.0.2")));
}

TEST_F(IpamStoreTest, TakesOverFromHostLocal) {
  write("10.1.0.2", "alice\r\neth0");
  write("10.1.0.3", "bob\neth0\n");
  write("10.1.0.4", "carol");
  write("last_reserved_ip.0", "10.1.0.4");
  EXPECT_EQ(reserve({"dave", "eth0"}), Addresses{"10.1.0.5"});
  EXPECT_THAT(store().addresses_of(kBob).value(), ElementsAre(addr("10.1.0.3")));
  for (const auto& owner : {kAlice, kBob, Owner{"carol", "net7"}})
    EXPECT_EQ(store().release(owner).value().size(), 1U) << owner.container_id;
  EXPECT_EQ(taken(), Addresses{"10.1.0.5"});
}

TEST_F(IpamStoreTest, HostLocalsFilesLastUntilTheRebootThatWeSee) {
  write("10.1.0.2", "alice\r\neth0");
  reserve(kBob);
  EXPECT_EQ(taken(), (Addresses{"10.1.0.2", "10.1.0.3"}));
  ASSERT_TRUE(store("boot-2").reserve(kCarol, kFour, {}));
  EXPECT_EQ(taken(), Addresses{"10.1.0.4"});
}

TEST_F(IpamStoreTest, WhatIsIllegibleIsTaken) {
  write("10.1.0.2", "");
  write("10.1.0.3", std::string("\0\xff\r\n", 4));
  write("10.1.0.4", std::string(100'000, 'x'));
  std::filesystem::create_directories(file("10.1.0.5"));
  EXPECT_EQ(error_of(kAlice, kFour).code, Code::try_again_later);
  EXPECT_EQ(store().reservations().value().size(), 4U);
  EXPECT_THAT(store().release({"", ""}).value(), IsEmpty());
}

TEST_F(IpamStoreTest, HintsMayBeGarbage) {
  reserve(kAlice);
  std::filesystem::create_directories(file("freed"));
  for (const auto* name : {"last_reserved_ip.0", "owners/bob:eth0:0", "freed/nonsense"})
    write(name, "\xff\xfe garbage");
  EXPECT_EQ(reserve(kBob), Addresses{"10.1.0.3"});
  EXPECT_THAT(store().release(kBob).value(), ElementsAre(addr("10.1.0.3")));
}

TEST_F(IpamStoreTest, ANoteOfAddressesThatWereNeverMadeIsNoClaim) {
  reserve(kBob);
  write("owners/alice:eth0:0", "alice\r\neth0\r\nboot-1\r\n10.1.0.2\r\n");
  write("owners/alice:eth0:1", "alice\r\neth0\r\nboot-1\r\n10.1.0.3\r\n");
  EXPECT_THAT(store().addresses_of(kAlice).value(), IsEmpty());
  EXPECT_EQ(reserve(kAlice), Addresses{"10.1.0.3"});
}

TEST_F(IpamStoreTest, FreeInFullest) {
  EXPECT_EQ(store().free_in_fullest(kDual).value(), 253U);
  reserve(kAlice, kDual);
  EXPECT_EQ(store().free_in_fullest(kDual).value(), 252U);
  EXPECT_GT(store().free_in_fullest({}).value(), u128{1} << 100);
}

}  // namespace
}  // namespace podwire::cni
