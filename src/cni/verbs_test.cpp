#include "cni/verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cni/elements.h"
#include "kernel/fake/fake_host.h"

namespace podwire::cni {
namespace {

using testing::HasSubstr;

/// Verbs against a kernel in memory, with the files in a directory of their own.
class Verbs : public testing::Test {
 protected:
  Verbs() {
    std::string name = testing::TempDir() + "podwire-verbs-XXXXXX";
    dir_ = ::mkdtemp(name.data());
    host_.add_netns("/run/netns/a");
    host_.add_netns("/run/netns/b");
  }
  ~Verbs() override {
    for (const auto* part :
         {"/ipam/net/owners", "/ipam/net/freed", "/ipam/net", "/ipam", "/records/net", "/records", ""})
      if (const auto names = list_directory(dir_ + part)) {
        for (const auto& n : *names) ::unlink((dir_ + part + "/" + n).c_str());
        ::rmdir((dir_ + part).c_str());
      }
  }

  [[nodiscard]] std::string conf(std::string_view link, int host_port = 8080) const {
    return R"({"cniVersion":"1.1.0","name":"net","type":"podwire-cni",)" + std::string(link) +
           R"("ipMasq":true,"podwireDataDir":")" + dir_ + R"(/records","ipam":{"dataDir":")" + dir_ +
           R"(/ipam","ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd00:88::/64"}]]},"runtimeConfig":{)" +
           R"("portMappings":[{"hostPort":)" + std::to_string(host_port) +
           R"(,"containerPort":80,"protocol":"tcp"},)" +
           R"({"hostPort":53,"containerPort":53,"protocol":"udp","hostIP":"192.0.2.)" +
           std::to_string(host_port % 250) +
           R"("}],"bandwidth":{"ingressRate":8000000,"ingressBurst":80000,"egressRate":8000000,"egressBurst":80000}}})";
  }
  static constexpr const char* kBridge =
      R"("link":"bridge","bridge":"cni0","isDefaultGateway":true,"hairpinMode":true,"guarded":true,)";
  static constexpr const char* kRouted = R"("link":"routed",)";

  static Invocation invocation(Command command, const std::string& id, const std::string& netns) {
    return {.command = command, .container_id = id, .netns = netns, .ifname = "eth0", .path = {}, .args = {}};
  }
  template <class Verb>
  auto run(Verb verb, Command command, const std::string& id, const std::string& netns,
           const std::string& text) -> decltype(verb(std::declval<const Call&>())) {
    const auto inv = invocation(command, id, netns);
    auto parsed = parse_netconf(text, inv);
    if (!parsed) return std::unexpected(parsed.error());
    return verb(Call{host_, inv, *parsed});
  }
  CniResult<AddResult> add_to(const std::string& id, const std::string& netns, const std::string& text) {
    return run(add, Command::add, id, netns, text);
  }
  CniResult<> del_from(const std::string& id, const std::string& netns, const std::string& text) {
    return run(del, Command::del, id, netns, text);
  }
  /// Whatever belongs to attachments: devices but the bridge, elements, records, reservations.
  [[nodiscard]] std::string leftovers() {
    std::string out;
    auto rtnl = host_.rtnl(*host_.current_netns());
    for (const auto& l : (*rtnl)->links().value())
      if (l.name != "lo" && l.name != "cni0") out += "link " + l.name + "\n";
    auto nft = host_.nft(*host_.current_netns());
    for (const auto* set :
         {"published", "published_on", "masq", "inside", "hairpin", "bridged", "masq_published"})
      for (const auto* family : {"4", "6"})
        if (const auto found = (*nft)->elements(nft_set(std::string(set) + family)))
          for (const auto& e : *found) out += std::string(set) + family + " " + e.key.hex() + "\n";
    for (const auto* set : {"localnet_ifs", "same", "guarded", "internal", "no_icc"})
      if (const auto found = (*nft)->elements(nft_set(set)))
        for (const auto& e : *found) out += std::string(set) + " " + e.key.hex() + "\n";
    for (const auto& name : list_directory(dir_ + "/records/net").value_or(std::vector<std::string>{}))
      if (name != "lock") out += "record " + name + "\n";
    IpamStore store(dir_ + "/ipam", "net");
    for (const auto& r : store.reservations().value_or(std::vector<Reservation>{}))
      out += "address " + r.addr.str() + "\n";
    return out;
  }

  kernel::fake::FakeHost host_;
  std::string dir_;
};

TEST_F(Verbs, AddThenDelLeavesNothing) {
  for (const auto* link : {kBridge, kRouted}) {
    const auto result = add_to("c1", "/run/netns/a", conf(link));
    ASSERT_TRUE(result) << result.error().msg << " " << result.error().details;
    ASSERT_EQ(result->ips.size(), 2U);
    EXPECT_THAT(leftovers(), HasSubstr("published4"));
    const auto gone = del_from("c1", "/run/netns/a", conf(link));
    ASSERT_TRUE(gone) << gone.error().msg;
    EXPECT_EQ(leftovers(), "");
    EXPECT_TRUE(del_from("c1", "/run/netns/a", conf(link))) << "a second DEL";
  }
}

TEST_F(Verbs, DelWithoutNamespaceFindsEverything) {
  ASSERT_TRUE(add_to("c1", "/run/netns/a", conf(kRouted)));
  host_.remove_netns("/run/netns/a");
  ASSERT_TRUE(del_from("c1", "", conf(kRouted)));
  EXPECT_EQ(leftovers(), "");
}

/// The Nth call to the kernel fails, for every N until ADD gets through: each time ADD undoes what it did.
TEST_F(Verbs, AFailureAtAnyCallIsUndone) {
  for (const auto* link : {kBridge, kRouted}) {
    bool through = false;
    for (std::uint64_t n = 1; n < 100 && !through; ++n) {
      host_.fail_call(n);
      const auto result = add_to("c1", "/run/netns/a", conf(link));
      through = result.has_value();
      if (through) continue;
      EXPECT_EQ(leftovers(), "") << link << " call " << n << ": " << result.error().msg << " "
                                 << result.error().details;
      host_.fail_call(1'000'000);
      EXPECT_TRUE(del_from("c1", "/run/netns/a", conf(link)));
    }
    EXPECT_TRUE(through);
    host_.fail_call(1'000'000);
    EXPECT_TRUE(del_from("c1", "/run/netns/a", conf(link)));
    EXPECT_EQ(leftovers(), "");
  }
}

/// The Nth call fails in DEL: it says so, and the next DEL finishes.
TEST_F(Verbs, ADelThatFailedIsFinishedByTheNext) {
  for (std::uint64_t n = 1; n < 10; ++n) {
    host_.fail_call(1'000'000);
    ASSERT_TRUE(add_to("c1", "/run/netns/a", conf(kBridge)));
    host_.fail_call(n);
    const bool first = del_from("c1", "/run/netns/a", conf(kBridge)).has_value();
    host_.fail_call(1'000'000);
    ASSERT_TRUE(del_from("c1", "/run/netns/a", conf(kBridge))) << n;
    EXPECT_EQ(leftovers(), "") << n << (first ? " (the first DEL got through)" : "");
  }
}

TEST_F(Verbs, AddTwiceIsRefusedAndHarmsNothing) {
  ASSERT_TRUE(add_to("c1", "/run/netns/a", conf(kBridge)));
  const auto before = leftovers();
  const auto again = add_to("c1", "/run/netns/a", conf(kBridge));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::interface_exists);
  EXPECT_THAT(again.error().msg, HasSubstr("CNI_IFNAME"));
  EXPECT_EQ(leftovers(), before);
}

TEST_F(Verbs, ATakenPortNamesItsOwnerAndLeavesItToHim) {
  ASSERT_TRUE(add_to("c1", "/run/netns/a", conf(kBridge)));
  const auto before = leftovers();
  const auto second = add_to("c2", "/run/netns/b", conf(kBridge));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::port_taken);
  EXPECT_THAT(second.error().msg, HasSubstr("8080"));
  EXPECT_THAT(second.error().details, HasSubstr("net/c1/eth0"));
  EXPECT_EQ(leftovers(), before);
}

TEST_F(Verbs, GcKeepsTheValidAndTakesTheRest) {
  ASSERT_TRUE(add_to("c1", "/run/netns/a", conf(kBridge, 8080)));
  ASSERT_TRUE(add_to("c2", "/run/netns/b", conf(kBridge, 8081)));
  auto with_list = [&](std::string_view list) {
    auto text = conf(kBridge);
    return text.insert(1, R"("cni.dev/valid-attachments":)" + std::string(list) + ",");
  };
  ASSERT_TRUE(run(gc, Command::gc, "", "", conf(kBridge))) << "without the list";
  EXPECT_THAT(leftovers(), HasSubstr("c2:eth0"));
  ASSERT_TRUE(run(gc, Command::gc, "", "", with_list(R"([{"containerID":"c1","ifname":"eth0"}])")));
  EXPECT_THAT(leftovers(), HasSubstr("c1:eth0"));
  EXPECT_THAT(leftovers(), testing::Not(HasSubstr("c2:eth0")));
  ASSERT_TRUE(run(gc, Command::gc, "", "", with_list("[]")));
  EXPECT_EQ(leftovers(), "");
}

}  // namespace
}  // namespace podwire::cni
