#include "cni/elements.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace podwire::cni {
namespace {

Cidr cidr(const char* text) { return *Cidr::parse(text); }
IpAddr addr(const char* text) { return *IpAddr::parse(text); }

ElementRequest bridged_pod() {
  return {.network = "web",
          .names = names_of("web", {"c1", "eth0"}),
          .addresses = {cidr("10.88.0.5/16"), cidr("fd00:88::5/64")},
          .bridged = true,
          .host_device = "cni0",
          .device_is_shared = true};
}

const OwnedElement* find(const std::vector<OwnedElement>& list, std::string_view set) {
  const auto it = std::ranges::find(list, set, &OwnedElement::set);
  return it == list.end() ? nullptr : &*it;
}

TEST(Elements, NothingAskedNothingPlanned) {
  const auto e = plan_elements(bridged_pod());
  EXPECT_TRUE(e.own.empty());
  EXPECT_TRUE(e.shared.empty());
  EXPECT_FALSE(e.route_localnet);
}

TEST(Elements, MasqueradeIsOneElementForEachAddressAndOneForEachNetwork) {
  auto r = bridged_pod();
  r.ip_masq = true;
  const auto e = plan_elements(r);
  ASSERT_EQ(e.own.size(), 2U);
  EXPECT_EQ(e.own[0].set, "masq4");
  EXPECT_EQ(e.own[0].element.key, state::NftBytes().addr(addr("10.88.0.5")));
  EXPECT_EQ(e.own[1].set, "masq6");
  ASSERT_EQ(e.shared.size(), 2U);
  EXPECT_EQ(e.shared[0].element.key, state::NftBytes().addr(addr("10.88.0.0")).addr(addr("10.88.0.0")));
  EXPECT_EQ(e.shared[0].element.key_end,
            state::NftBytes().addr(addr("10.88.255.255")).addr(addr("10.88.255.255")));
}

TEST(Elements, APortIsPublishedInBothFamiliesUnlessItsHostAddressSaysOne) {
  auto r = bridged_pod();
  r.ports = {{.host_port = 8080, .container_port = 80, .protocol = 6}};
  auto e = plan_elements(r);
  ASSERT_NE(find(e.own, "published4"), nullptr);
  ASSERT_NE(find(e.own, "published6"), nullptr);
  EXPECT_EQ(find(e.own, "published4")->element.key, state::NftBytes().protocol(6).port(8080));
  EXPECT_EQ(find(e.own, "published4")->element.data, state::NftBytes().addr(addr("10.88.0.5")).port(80));
  EXPECT_TRUE(e.route_localnet);

  r.ports[0].host_ip = addr("2001:db8::1");
  e = plan_elements(r);
  EXPECT_EQ(find(e.own, "published4"), nullptr);
  ASSERT_NE(find(e.own, "published_on6"), nullptr);
  EXPECT_EQ(find(e.own, "published_on6")->element.key,
            state::NftBytes().addr(addr("2001:db8::1")).protocol(6).port(8080));
  EXPECT_FALSE(e.route_localnet);
}

TEST(Elements, AnyAddressOfAFamilyIsNoParticularAddress) {
  auto r = bridged_pod();
  r.ports = {{.host_port = 53, .container_port = 53, .protocol = 17, .host_ip = addr("0.0.0.0")}};
  const auto e = plan_elements(r);
  EXPECT_NE(find(e.own, "published4"), nullptr);
  EXPECT_EQ(find(e.own, "published_on4"), nullptr);
  EXPECT_EQ(find(e.own, "published6"), nullptr);
}

TEST(Elements, SharedDeviceElementsBelongToTheNetworkAndPrivateOnesToTheAttachment) {
  auto r = bridged_pod();
  r.ports = {{.host_port = 8080, .container_port = 80, .protocol = 6}};
  EXPECT_NE(find(plan_elements(r).shared, "localnet_ifs"), nullptr);
  r.bridged = r.device_is_shared = false;
  r.host_device = r.names.host_link;
  EXPECT_NE(find(plan_elements(r).own, "localnet_ifs"), nullptr);
  EXPECT_EQ(find(plan_elements(r).shared, "bridged4"), nullptr);
}

TEST(Elements, WithoutSnatNothingIsHidden) {
  auto r = bridged_pod();
  r.ports = {{.host_port = 8080, .container_port = 80, .protocol = 6}};
  r.publish.snat = false;
  const auto e = plan_elements(r);
  EXPECT_EQ(find(e.own, "hairpin4"), nullptr);
  EXPECT_EQ(find(e.shared, "bridged4"), nullptr);
}

TEST(Elements, AnInternalNetworkIsNeverMasqueraded) {
  auto r = bridged_pod();
  r.ip_masq = r.internal = true;
  const auto e = plan_elements(r);
  EXPECT_EQ(find(e.own, "masq4"), nullptr);
  EXPECT_NE(find(e.shared, "internal"), nullptr);
  EXPECT_NE(find(e.shared, "same"), nullptr);
}

TEST(Attachment, RecordSurvivesARoundTrip) {
  auto r = bridged_pod();
  r.ip_masq = true;
  r.ports = {{.host_port = 53, .container_port = 53, .protocol = 17, .host_ip = addr("192.0.2.1")}};
  const auto e = plan_elements(r);
  const Attachment a{.network = "web",
                     .owner = {"c1", "eth0"},
                     .part = "link",
                     .host_link = r.names.host_link,
                     .ifb = r.names.ifb,
                     .addresses = r.addresses,
                     .ipam_ours = true,
                     .elements = e.own,
                     .network_elements = e.shared,
                     .udp_ports = r.ports};
  const auto back = decode_attachment(encode_attachment(a));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, a);
}

TEST(Attachment, BrokenRecordsAreErrorsNotCrashes) {
  for (const char* text : {"", "{", "[]", "{}", R"({"containerID":"a"})", R"({"containerID":1,"ifname":2})",
                           R"({"containerID":"a","ifname":"e","addresses":["x"]})",
                           R"({"containerID":"a","ifname":"e","elements":[{"set":"s","key":"0"}]})",
                           R"({"containerID":"a","ifname":"e","elements":[1]})",
                           R"({"containerID":"a","ifname":"e","udpPorts":[{}]})"})
    EXPECT_FALSE(decode_attachment(text)) << text;
}

TEST(AttachmentNames, FitTheKernelAndDifferByEachPartOfTheKey) {
  const auto a = names_of("net", {"c1", "eth0"});
  EXPECT_EQ(a.host_link.size(), 15U);
  EXPECT_EQ(a.ifb.size(), 15U);
  EXPECT_NE(a.host_link, names_of("net2", {"c1", "eth0"}).host_link);
  EXPECT_NE(a.host_link, names_of("net", {"c2", "eth0"}).host_link);
  EXPECT_NE(a.host_link, names_of("net", {"c1", "eth1"}).host_link);
  EXPECT_LE(names_of("net", {std::string(300, 'x'), "eth0"}).comment.size(), 127U);
}

}  // namespace
}  // namespace podwire::cni
