#include "cni/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cni/netconf.h"

namespace podwire::cni {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

Cidr cidr(std::string_view text) { return Cidr::parse(text).value(); }
IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }
json::object object(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size())).as_object();
}

/// Every field of 1.1.0.
AddResult full() {
  AddResult r;
  r.interfaces = {{.name = "cni0", .mac = "00:11:22:33:44:55"},
                  {.name = "eth0",
                   .mac = "0a:58:0a:f4:01:02",
                   .sandbox = "/run/netns/a",
                   .mtu = 1450,
                   .socket_path = "/run/vhost.sock",
                   .pci_id = "0000:00:1f.6"}};
  r.ips = {{.address = cidr("10.244.1.2/24"), .gateway = addr("10.244.1.1"), .interface = 1},
           {.address = cidr("fd00::2/64"), .gateway = addr("fd00::1"), .interface = 1}};
  r.routes = {{.dst = cidr("0.0.0.0/0"), .gateway = addr("10.244.1.1")},
              {.dst = cidr("fd01::/48"),
               .gateway = {},
               .mtu = 1400,
               .advmss = 1300,
               .priority = 7,
               .table = 100,
               .scope = 253}};
  r.dns = {.nameservers = {"10.96.0.10"},
           .search = {"svc.cluster.local", "cluster.local"},
           .options = {"ndots:5"},
           .domain = "local"};
  return r;
}

std::string text_of(const AddResult& r, std::string_view version) {
  const auto encoded = encode_result(r, version);
  EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().msg);
  return encoded ? json::serialize(*encoded) : "";
}

TEST(Result, WritesEveryFieldOf110) {
  EXPECT_EQ(
      text_of(full(), "1.1.0"),
      R"({"cniVersion":"1.1.0","interfaces":[{"name":"cni0","mac":"00:11:22:33:44:55"},)"
      R"({"name":"eth0","mac":"0a:58:0a:f4:01:02","mtu":1450,"sandbox":"/run/netns/a","socketPath":"/run/vhost.sock","pciID":"0000:00:1f.6"}],)"
      R"("ips":[{"interface":1,"address":"10.244.1.2/24","gateway":"10.244.1.1"},{"interface":1,"address":"fd00::2/64","gateway":"fd00::1"}],)"
      R"("routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"},{"dst":"fd01::/48","mtu":1400,"advmss":1300,"priority":7,"table":100,"scope":253}],)"
      R"("dns":{"nameservers":["10.96.0.10"],"domain":"local","search":["svc.cluster.local","cluster.local"],"options":["ndots:5"]}})");
}

TEST(Result, WritesTheFamilyOfIpsBefore100) {
  for (const auto* version : {"0.3.0", "0.3.1", "0.4.0"}) {
    const auto text = text_of(full(), version);
    EXPECT_THAT(text, HasSubstr(R"({"version":"4","interface":1,"address":"10.244.1.2/24")"));
    EXPECT_THAT(text, HasSubstr(R"({"version":"6","interface":1,"address":"fd00::2/64")"));
    EXPECT_THAT(text, HasSubstr(R"({"name":"eth0","mac":"0a:58:0a:f4:01:02","sandbox":"/run/netns/a"})"));
  }
  EXPECT_EQ(text_of(full(), "1.0.0").find(R"("version":)"), std::string::npos);
}

TEST(Result, WritesOneBlockAFamilyBefore030) {
  EXPECT_EQ(
      text_of(full(), "0.2.0"),
      R"({"cniVersion":"0.2.0","ip4":{"ip":"10.244.1.2/24","gateway":"10.244.1.1","routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"}]},)"
      R"("ip6":{"ip":"fd00::2/64","gateway":"fd00::1","routes":[{"dst":"fd01::/48"}]},)"
      R"("dns":{"nameservers":["10.96.0.10"],"domain":"local","search":["svc.cluster.local","cluster.local"],"options":["ndots:5"]}})");
}

TEST(Result, EmptyDnsIsWrittenBefore110Only) {
  AddResult r = full();
  r.dns = {};
  for (const auto& version : supported_versions())
    EXPECT_EQ(encode_result(r, version)->contains("dns"), version != "1.1.0") << version;
}

TEST(Result, OldVersionsCannotHoldEverything) {
  auto two = full();
  two.ips.push_back({.address = cidr("10.9.0.2/24")});
  AddResult none = full();
  none.ips.clear();
  for (const auto* version : {"0.1.0", "0.2.0"}) {
    EXPECT_EQ(encode_result(two, version).error().code, Code::bad_config);
    EXPECT_THAT(encode_result(two, version).error().msg, HasSubstr("IPv4"));
    EXPECT_EQ(encode_result(none, version).error().code, Code::bad_config);
  }
  EXPECT_TRUE(encode_result(two, "0.3.0"));
  EXPECT_TRUE(encode_result(none, "0.3.0"));
}

TEST(Result, RefusesVersionsItDoesNotSpeak) {
  for (const auto* version : {"", "0.0.1", "1.2.0", "1.1"})
    EXPECT_EQ(encode_result(full(), version).error().code, Code::incompatible_version) << version;
}

TEST(Result, ReadsBackWhatEachVersionCanHold) {
  AddResult since_030 = full();  // without the fields of newer interfaces
  since_030.interfaces[1].mtu = 0;
  since_030.interfaces[1].socket_path = since_030.interfaces[1].pci_id = "";
  AddResult before_030 = since_030;
  before_030.interfaces.clear();
  for (auto& ip : before_030.ips) ip.interface.reset();
  before_030.routes[1] = {.dst = cidr("fd01::/48"), .gateway = {}};
  for (const auto& version : supported_versions()) {
    const auto back = decode_result(*encode_result(full(), version), "1.1.0");
    ASSERT_TRUE(back) << version << ": " << back.error().msg;
    const auto& want = version[0] == '1' ? full() : version < "0.3.0" ? before_030 : since_030;
    EXPECT_EQ(*back, want) << version;
  }
}

TEST(Result, OwnVersionDecidesThenTheConfigs) {
  const auto old = object(R"({"cniVersion":"0.2.0","ip4":{"ip":"10.1.2.3/24"}})");
  EXPECT_EQ(decode_result(old, "1.0.0")->ips.size(), 1U);
  const auto unsaid = object(R"({"ips":[{"address":"10.1.2.3/24"}]})");
  EXPECT_EQ(decode_result(unsaid, "0.4.0")->ips.size(), 1U);
  const auto unknown = object(R"({"cniVersion":"9.9.9","ips":[{"address":"10.1.2.3/24"}]})");
  EXPECT_EQ(decode_result(unknown, "1.0.0")->ips.size(), 1U);
}

TEST(Result, IgnoresUnknownFieldsAndNulls) {
  const auto r = decode_result(
      object(R"({"x":{"y":[1,null]},"interfaces":null,"ips":[{"ADDRESS":"10.1.2.3/24","gateway":"",
      "interface":null,"weight":3}],"routes":null,"dns":null})"),
      "1.1.0");
  ASSERT_TRUE(r) << r.error().msg;
  EXPECT_EQ(r->ips, (std::vector<IpConfig>{{.address = cidr("10.1.2.3/24")}}));
}

TEST(Result, NamesTheBadField) {
  const auto msg = [](std::string_view text, std::string_view version = "1.0.0") {
    const auto r = decode_result(object(text), version);
    EXPECT_FALSE(r) << text;
    if (!r) EXPECT_EQ(r.error().code, Code::bad_config);
    return r ? std::string() : r.error().msg;
  };
  EXPECT_EQ(msg(R"({"ips":[{"address":"10.1.2.3/24"},{"address":"10.1.2.3"}]})"),
            R"(prevResult.ips[1].address: "10.1.2.3" is no CIDR)");
  EXPECT_EQ(msg(R"({"ips":[{}]})"), "prevResult.ips[0].address is missing");
  EXPECT_EQ(msg(R"({"ips":{}})"), "prevResult.ips: {} is no list");
  EXPECT_THAT(msg(R"({"ips":[7]})"), StartsWith("prevResult.ips[0]: 7 is no object"));
  EXPECT_THAT(msg(R"({"ips":[{"address":"10.1.2.3/24","interface":0}]})"),
              StartsWith("prevResult.ips[0].interface: 0"));
  EXPECT_THAT(msg(R"({"interfaces":[{}],"ips":[{"address":"10.1.2.3/24","interface":-1}]})"),
              HasSubstr("interface: -1"));
  EXPECT_THAT(msg(R"({"ips":[{"address":"10.1.2.3/24","gateway":"fd00::1"}]})"), HasSubstr("family"));
  EXPECT_THAT(msg(R"({"interfaces":[{"mtu":1e99}]})"), StartsWith("prevResult.interfaces[0].mtu: "));
  EXPECT_THAT(msg(R"({"routes":[{"gw":"10.0.0.1"}]})"), StartsWith("prevResult.routes[0].dst is missing"));
  EXPECT_THAT(msg(R"({"dns":{"search":["a",1]}})"), StartsWith("prevResult.dns.search[1]: 1 is no string"));
  EXPECT_THAT(msg(R"({"ip4":{"ip":"fd00::1/64"}})", "0.2.0"),
              StartsWith("prevResult.ip4.ip: \"fd00::1/64\" is no IPv4"));
  EXPECT_EQ(decode_result(object(R"({"ips":[{}]})"), "1.0.0", "result of host-local").error().msg,
            "result of host-local.ips[0].address is missing");
}

TEST(ErrorObject, HasTheFieldsOfTheSpecification) {
  EXPECT_EQ(json::serialize(encode_error({Code::try_again_later, "full", "more"}, "1.0.0")),
            R"({"cniVersion":"1.0.0","code":11,"msg":"full","details":"more"})");
  EXPECT_EQ(json::serialize(encode_error({Code::internal, "x", ""}, "1.1.0")),
            R"({"cniVersion":"1.1.0","code":999,"msg":"x"})");
}

TEST(ErrorObject, IsUtf8WhateverWasQuoted) {
  const auto e = encode_error(
      {Code::bad_environment, "CNI_IFNAME: \"\xff\xc3\xa4\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82\"", "\xc0\xaf"},
      "1.0.0");
  EXPECT_EQ(e.at("msg").as_string(), "CNI_IFNAME: \"?\xc3\xa4?????????\"");
  EXPECT_EQ(e.at("details").as_string(), "??");
}

}  // namespace
}  // namespace podwire::cni
