#include "docker/ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace podwire::docker {
namespace {

using ::testing::HasSubstr;

PortRequest parsed(std::string_view text) {
  const auto request = parse_publish(text);
  EXPECT_TRUE(request) << (request ? "" : request.error().message());
  return request.value_or(PortRequest{});
}

TEST(ParsePublish, EveryForm) {
  EXPECT_EQ(parsed("80"), (PortRequest{{}, 0, 0, 80, 80, "tcp"}));
  EXPECT_EQ(parsed("8080:80"), (PortRequest{{}, 8080, 8080, 80, 80, "tcp"}));
  EXPECT_EQ(parsed("53:53/udp"), (PortRequest{{}, 53, 53, 53, 53, "udp"}));
  EXPECT_EQ(parsed("127.0.0.1:8080:80"),
            (PortRequest{*IpAddr::parse("127.0.0.1"), 8080, 8080, 80, 80, "tcp"}));
  EXPECT_EQ(parsed("127.0.0.1::80"), (PortRequest{*IpAddr::parse("127.0.0.1"), 0, 0, 80, 80, "tcp"}));
  EXPECT_EQ(parsed("[::1]:8080:80/sctp"), (PortRequest{*IpAddr::parse("::1"), 8080, 8080, 80, 80, "sctp"}));
  EXPECT_EQ(parsed("8000-8002:80-82"), (PortRequest{{}, 8000, 8002, 80, 82, "tcp"}));
  EXPECT_EQ(parsed("8000-8010:80"), (PortRequest{{}, 8000, 8010, 80, 80, "tcp"}));
  EXPECT_EQ(parsed("80-82"), (PortRequest{{}, 0, 0, 80, 82, "tcp"}));
}

TEST(ParsePublish, EveryAddressIsNoAddress) {
  EXPECT_EQ(parsed("0.0.0.0:8080:80").host_ip, std::nullopt);
  EXPECT_EQ(parsed("[::]:8080:80").host_ip, std::nullopt);
}

TEST(ParsePublish, SaysWhatIsWrong) {
  for (const auto* bad : {"",           ":",        "0",           "65536",       "x",
                          "80/",        "80/icmp",  "8080:",       ":80",         "8080:0",
                          "90-80",      "1-2:3-9",  "host:80:80",  "::1:8080:80", "[127.0.0.1]:80:80",
                          "1.2.3.4:80", "[::1]:80", "80:80:80:80", "-80",         "80-"}) {
    const auto request = parse_publish(bad);
    EXPECT_FALSE(request) << bad;
    if (!request) EXPECT_THAT(request.error().message(), HasSubstr("the form is")) << bad;
  }
}

class Fake : public PortsInUse {
 public:
  [[nodiscard]] std::string publisher_of(const PublishedPort& port) const override {
    for (const auto& other : published)
      if (clash(other, port)) return "web";
    return "";
  }
  [[nodiscard]] bool listened_on(const PublishedPort& port) const override {
    return listening.contains(port.host_port);
  }
  std::vector<PublishedPort> published;
  std::set<std::uint16_t> listening;
};

TEST(AssignPorts, RangesPortByPort) {
  const auto ports = assign_ports({parsed("8000-8001:80-81/udp")}, Fake(), {});
  ASSERT_TRUE(ports);
  EXPECT_EQ(*ports, (std::vector<PublishedPort>{{{}, 8000, 80, "udp"}, {{}, 8001, 81, "udp"}}));
}

TEST(AssignPorts, ChoosesWhatIsFree) {
  Fake in_use;
  in_use.published = {{{}, 32768, 80, "tcp"}};
  in_use.listening = {32769};
  const auto ports = assign_ports({parsed("80"), parsed("32770:1")}, in_use, {32768, 32772});
  ASSERT_TRUE(ports);
  EXPECT_EQ(*ports, (std::vector<PublishedPort>{{{}, 32770, 1, "tcp"}, {{}, 32771, 80, "tcp"}}));
}

TEST(AssignPorts, TakesOneOfAHostRange) {
  Fake in_use;
  in_use.listening = {8000};
  EXPECT_EQ((*assign_ports({parsed("8000-8001:80")}, in_use, {}))[0].host_port, 8001);
  in_use.listening = {8000, 8001};
  EXPECT_THAT(assign_ports({parsed("8000-8001:80")}, in_use, {}).error().message(), HasSubstr("8000-8001"));
}

TEST(AssignPorts, NamesWhoHasThePort) {
  Fake in_use;
  in_use.published = {{*IpAddr::parse("10.0.0.1"), 8080, 80, "tcp"}};
  EXPECT_THAT(assign_ports({parsed("8080:80")}, in_use, {}).error().message(), HasSubstr("container web"));
  EXPECT_EQ(assign_ports({parsed("8080:80")}, in_use, {}).error().sys_errno, EADDRINUSE);
  EXPECT_TRUE(assign_ports({parsed("8080:80/udp"), parsed("10.0.0.2:8080:80")}, in_use, {}));
  EXPECT_THAT(assign_ports({parsed("90:80"), parsed("90:81")}, in_use, {}).error().message(),
              HasSubstr("twice"));
}

TEST(PublishedPort, Describes) {
  EXPECT_EQ(describe(PublishedPort{{}, 8080, 80, "tcp"}), "0.0.0.0:8080->80/tcp");
  EXPECT_EQ(describe(PublishedPort{*IpAddr::parse("::1"), 53, 53, "udp"}), "[::1]:53->53/udp");
}

}  // namespace
}  // namespace podwire::docker
