#include "cni/ipam_files.h"

#include "cni/ipam_testing.h"

namespace podwire::cni {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Reservation parse(std::string_view text) { return parse_reservation(addr("10.1.0.2"), text); }

TEST(ReservationFile, IsReadInEveryGeneration) {
  for (const auto* text :
       {"alice\r\neth0\r\nb-1\r\n", "alice\neth0\nb-1", "  alice \r\n eth0\t\r\nb-1\r\nmore"}) {
    EXPECT_EQ(parse(text).owner, (Owner{"alice", "eth0"})) << text;
    EXPECT_EQ(parse(text).boot_id, "b-1") << text;
  }
  EXPECT_EQ(parse("alice\r\neth0").owner, (Owner{"alice", "eth0"}));
  EXPECT_EQ(parse("alice\r\neth0").boot_id, "");
  EXPECT_EQ(parse("alice").owner, (Owner{"alice", ""}));
}

TEST(ReservationFile, WhatIsIllegibleBelongsToNobody) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("\r\n\r\n"), std::string_view("../x\r\neth0"),
        std::string_view("\0\0\0", 3), std::string_view("a b\r\neth0")}) {
    EXPECT_EQ(parse(text).owner, Owner{}) << text;
    EXPECT_FALSE(belongs_to(parse(text), {"", ""}));
  }
}

TEST(ReservationFile, ReadsWhatItWrites) {
  const Reservation written{addr("10.1.0.2"), {"0a_b.c-", "net1"}, "boot"};
  const auto text = format_reservation(written);
  EXPECT_EQ(parse(text).owner, written.owner);
  EXPECT_EQ(parse(text).boot_id, "boot");
  EXPECT_EQ(parse_note(text), written.addr);
}

TEST(ReservationFile, BelongsByContainerWhereNoInterfaceIsNamed) {
  EXPECT_TRUE(belongs_to(parse("alice"), {"alice", "net1"}));
  EXPECT_FALSE(belongs_to(parse("alice"), {"bob", "net1"}));
  EXPECT_FALSE(belongs_to(parse("alice\r\neth0"), {"alice", "net1"}));
}

class IpamFilesTest : public testing::Test {
 protected:
  TemporaryDirectory dir_;
  IpamFiles files_{dir_.path() + "/net", Durability::forever};
  FileLock lock_ = files_.lock().value();
  const Owner owner_{"alice", "eth0"};
  static void age(const std::string& file) {
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - std::chrono::hours(1));
  }
};

TEST_F(IpamFilesTest, MakesAllOrNone) {
  ASSERT_TRUE(files_.create({addr("10.1.0.3")}, owner_, "b"));
  const auto made =
      files_.create({addr("10.1.0.2"), addr("fd00::2"), addr("10.1.0.3")}, {"bob", "eth0"}, "b");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().sys_errno, EEXIST);
  EXPECT_THAT(files_.addresses().value(), ElementsAre(addr("10.1.0.3")));
  EXPECT_EQ(files_.read(addr("10.1.0.3")).value()->owner, owner_);
}

TEST_F(IpamFilesTest, ListsAddressesOnly) {
  for (const auto* name :
       {"fd00::2", "FD00::2", "10.1.0.2", "010.1.0.9", "10.1.0", "x", ".tmp", "10.1.0.2.bak"})
    std::ofstream(files_.directory() + "/" + name) << "";
  EXPECT_THAT(files_.addresses().value(), ElementsAre(addr("10.1.0.2"), addr("fd00::2")));
}

TEST_F(IpamFilesTest, RetiringLeavesATombstoneOfNow) {
  ASSERT_TRUE(files_.create({addr("10.1.0.2")}, owner_, "b"));
  age(files_.directory() + "/10.1.0.2");
  ASSERT_TRUE(files_.retire(addr("10.1.0.2")));
  EXPECT_THAT(files_.addresses().value(), IsEmpty());
  const auto now = std::chrono::system_clock::now();
  const auto cooling = files_.cooling(now, std::chrono::seconds(30)).value();
  ASSERT_EQ(cooling.size(), 1U);
  EXPECT_EQ(cooling[0].addr, addr("10.1.0.2"));
  files_.remove_tombstone(addr("10.1.0.2"));
  EXPECT_THAT(files_.cooling(now, std::chrono::seconds(30)).value(), IsEmpty());
}

TEST_F(IpamFilesTest, ASecondRetirementCoolsAnew) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(files_.create({addr("10.1.0.2")}, owner_, "b"));
    ASSERT_TRUE(files_.retire(addr("10.1.0.2")));
    EXPECT_EQ(files_.cooling(std::chrono::system_clock::now(), std::chrono::seconds(30)).value().size(), 1U);
    age(files_.directory() + "/freed/10.1.0.2");
  }
}

TEST_F(IpamFilesTest, RetiresWhatIsNotThereAndWhatCannotBecomeATombstone) {
  EXPECT_TRUE(files_.retire(addr("10.1.0.9")));
  ASSERT_TRUE(files_.create({addr("10.1.0.2")}, owner_, "b"));
  std::ofstream(files_.directory() + "/freed") << "in the way";
  EXPECT_TRUE(files_.retire(addr("10.1.0.2")));
  EXPECT_THAT(files_.addresses().value(), IsEmpty());
}

TEST_F(IpamFilesTest, TheHintIsCutWhenItGetsShorter) {
  EXPECT_EQ(files_.last(0), std::nullopt);
  files_.set_last(0, addr("10.1.0.254"));
  files_.set_last(0, addr("10.1.0.3"));
  EXPECT_EQ(files_.last(0), addr("10.1.0.3"));
  EXPECT_EQ(files_.last(1), std::nullopt);
}

TEST_F(IpamFilesTest, NotesTellAnOwnersAddresses) {
  const Owner bob{"bob", "eth0"};
  EXPECT_EQ(files_.noted(owner_), std::nullopt);
  ASSERT_TRUE(files_.create({addr("10.1.0.2"), addr("fd00::2")}, owner_, "b"));
  ASSERT_TRUE(files_.create({addr("10.1.0.3")}, bob, "b"));
  ASSERT_TRUE(files_.create({addr("10.1.0.4")}, owner_, "b"));
  EXPECT_THAT(*files_.noted(owner_), ElementsAre(addr("10.1.0.2"), addr("fd00::2"), addr("10.1.0.4")));
  ASSERT_TRUE(files_.keep_notes({bob}));
  EXPECT_FALSE(files_.noted(owner_));
  EXPECT_THAT(*files_.noted(bob), ElementsAre(addr("10.1.0.3")));
  files_.remove_notes(bob);
  EXPECT_FALSE(files_.noted(bob));
}

TEST_F(IpamFilesTest, AFailureTakesItsNotesBack) {
  ASSERT_TRUE(files_.create({addr("10.1.0.3")}, {"bob", "eth0"}, "b"));
  ASSERT_FALSE(files_.create({addr("10.1.0.2"), addr("10.1.0.3")}, owner_, "b"));
  EXPECT_EQ(files_.noted(owner_), std::nullopt);
  EXPECT_EQ(left_in(files_.directory()), (std::set<std::string>{"10.1.0.3", "owners/bob:eth0:0"}));
}

// What a kill left under the temporary name may be a note by its other name: it is not to be written into.
TEST_F(IpamFilesTest, ALeftOverTemporaryFileIsReplacedNotReused) {
  ASSERT_TRUE(files_.create({addr("10.1.0.2")}, owner_, "b"));
  std::filesystem::rename(files_.directory() + "/10.1.0.2", files_.directory() + "/.tmp-podwire");
  ASSERT_TRUE(files_.create({addr("10.1.0.3")}, {"bob", "eth0"}, "b"));
  EXPECT_THAT(*files_.noted(owner_), ElementsAre(addr("10.1.0.2")));
}

TEST_F(IpamFilesTest, RemembersTheBoot) {
  EXPECT_EQ(files_.boot(), std::nullopt);
  ASSERT_TRUE(files_.set_boot("b-1"));
  ASSERT_TRUE(files_.set_boot("b-2"));
  EXPECT_EQ(files_.boot(), "b-2");
}

}  // namespace
}  // namespace podwire::cni
