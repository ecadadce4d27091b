#include "docker/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "docker/cni_client.h"
#include "docker/inspect.h"
#include "docker/logs.h"
#include "docker/name_files.h"
#include "docker/process_plan.h"
#include "oci/json_view.h"
#include "runtime/new_id.h"

namespace podwire::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Container sample(const std::string& name, const std::string& address) {
  Container c;
  c.id = std::string(12, name[0]) + std::string(52, '0');
  c.name = name;
  c.hostname = c.short_id();
  c.args = {"sleep", "10"};
  c.image = "alpine";
  c.created = "2026-11-23T07:00:00.000000000Z";
  c.attachment.network = "mynet";
  c.attachment.up = true;
  c.attachment.addresses = {*Cidr::parse(address)};
  return c;
}

TEST(ContainerRecord, ReadsBackWhatItWrote) {
  Container c = sample("web", "172.17.0.2/16");
  c.env = {"A=1"};
  c.user = "0:0";
  c.mounts = {{"/a", "/b", true}};
  c.labels = {{"k", "v"}};
  c.attachment.ports = {{*IpAddr::parse("::1"), 8080, 80, "tcp"}, {{}, 53, 53, "udp"}};
  c.attachment.gateways = {*IpAddr::parse("172.17.0.1")};
  c.attachment.wanted_ip = *IpAddr::parse("172.17.0.2");
  c.attachment.wanted_mac = *Mac::parse("02:00:00:00:00:01");
  c.phase = Phase::exited;
  c.exit_code = 137;
  c.keeper = {42, 4711};
  const auto back = decode_container(oci::pretty_json(encode_container(c)));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(encode_container(*back), encode_container(c));
  EXPECT_EQ(back->attachment, c.attachment);
}

TEST(ContainerRecord, ErrorsNameTheField) {
  EXPECT_FALSE(decode_container(""));
  auto json = encode_container(sample("web", "172.17.0.2/16"));
  json["phase"] = "dancing";
  EXPECT_THAT(decode_container(oci::pretty_json(json)).error().message(), HasSubstr("container.phase"));
}

TEST(Names, AreValidAndManyOfThem) {
  std::set<std::string> names;
  for (std::uint64_t n = 0; n < 1000; ++n) names.insert(generated_name(n));
  EXPECT_GT(names.size(), 500U);
  for (const auto& name : names) EXPECT_TRUE(valid_object_name(name)) << name;
  EXPECT_NE(*runtime::new_id(), *runtime::new_id());
  EXPECT_EQ(runtime::new_id()->size(), 64U);
}

TEST(Hosts, NamesTheOthersOfAUserMadeNetwork) {
  const auto web = sample("web", "10.0.0.2/24");
  auto db = sample("db", "10.0.0.3/24");
  db.attachment.aliases = {"database"};
  auto elsewhere = sample("far", "10.1.0.2/24");
  elsewhere.attachment.network = "other";
  const auto text = hosts_text(web, {web, db, elsewhere}, true);
  EXPECT_THAT(text, HasSubstr("10.0.0.2\twwwwwwwwwwww web\n"));
  EXPECT_THAT(text, HasSubstr("10.0.0.3\tdb database dddddddddddd\n"));
  EXPECT_THAT(text, Not(HasSubstr("far")));
  EXPECT_THAT(text, HasSubstr("127.0.0.1\tlocalhost"));
}

TEST(Hosts, OnDocker0OnlyItself) {
  const auto web = sample("web", "172.17.0.2/16");
  const auto text = hosts_text(web, {web, sample("db", "172.17.0.3/16")}, false);
  EXPECT_THAT(text, HasSubstr("172.17.0.2\twwwwwwwwwwww\n"));
  EXPECT_THAT(text, Not(HasSubstr("db")));
}

TEST(ResolvConf, LeavesOutServersOfTheHostsLoopback) {
  const auto host =
      "# made by\nnameserver 127.0.0.53\nnameserver 10.0.0.53\nnameserver ::1\nsearch example\noptions "
      "edns0\n";
  EXPECT_EQ(resolv_conf_text(host, {}), "# made by\nnameserver 10.0.0.53\nsearch example\noptions edns0\n");
  EXPECT_EQ(resolv_conf_text(host, {*IpAddr::parse("9.9.9.9")}),
            "nameserver 9.9.9.9\n# made by\nsearch example\noptions edns0\n");
}

TEST(PluginResult, KeepsWhatTheRecordNeeds) {
  const auto result =
      oci::parse_json(R"({"ips":[{"address":"172.17.0.2/16","gateway":"172.17.0.1"},{"address":"fd00::2/64"}],
    "interfaces":[{"name":"docker0","mac":"x"},{"name":"veth1","mac":"y"},{"name":"eth0","mac":"z","sandbox":"/run/n"}]})",
                      "r");
  Attachment a;
  ASSERT_TRUE(take_result(result->as_object(), a));
  EXPECT_EQ(a.addresses.size(), 2U);
  EXPECT_EQ(a.gateways.size(), 1U);
  EXPECT_EQ(a.mac, "z");
  EXPECT_EQ(a.host_link, "veth1");
  EXPECT_FALSE(take_result({{"ips", {{{"address", "x"}}}}}, a));
}

TEST(Process, EntrypointAndCommandAsDockerCombinesThem) {
  oci::RootFs image;
  image.lower = "/nonexistent-root";
  image.config.entrypoint = {"/entry"};
  image.config.command = {"default"};
  const auto args = [&](const RunRequest& r) {
    oci::RootFs here = image;
    here.lower = "/";
    const auto p = plan_process(r, here);
    return p ? p->args : std::vector<std::string>{p.error().message()};
  };
  EXPECT_THAT(args({}), ElementsAre("/entry", "default"));
  EXPECT_THAT(args({.command = {"x"}}), ElementsAre("/entry", "x"));
  EXPECT_THAT(args({.command = {"x"}, .entrypoint = "/mine"}), ElementsAre("/mine", "x"));
  EXPECT_THAT(args({.entrypoint = "/mine"}), ElementsAre("/mine"));
  EXPECT_THAT(args({.command = {"x"}, .entrypoint = ""}), ElementsAre("x"));
  image.config = {};
  EXPECT_THAT(args({.image = "empty"}), ElementsAre(HasSubstr("names no command")));
}

TEST(Process, Volumes) {
  EXPECT_EQ(*parse_volume("/etc:/data"), (oci::BindMount{"/etc", "/data", false}));
  EXPECT_TRUE(parse_volume("/etc:/data:ro")->read_only);
  for (const auto* bad : {"", "/etc", ":/x", "/etc:data", "/etc:/", "/etc:/x:rx"})
    EXPECT_EQ(parse_volume(bad).error().sys_errno, EINVAL) << bad;
  EXPECT_EQ(parse_volume("/no/such/dir:/x").error().sys_errno, ENOENT);
}

TEST(Status, SpeaksOfTimeAsPeopleDo) {
  const auto start = std::chrono::system_clock::from_time_t(1'795'417'200);  // 2026-11-23T07:00:00Z
  Container c = sample("web", "172.17.0.2/16");
  EXPECT_EQ(status_text(c, start), "Created");
  c.phase = Phase::running;
  c.started = c.created;
  EXPECT_EQ(status_text(c, start + std::chrono::seconds(1)), "Up 1 second");
  EXPECT_EQ(status_text(c, start + std::chrono::minutes(5)), "Up 5 minutes");
  c.phase = Phase::exited;
  c.finished = c.created;
  EXPECT_EQ(status_text(c, start + std::chrono::hours(72)), "Exited (?) 3 days ago");
  c.exit_code = 0;
  EXPECT_EQ(status_text(c, start + std::chrono::hours(2)), "Exited (0) 2 hours ago");
}

TEST(Logs, FindsWhereTheLastLinesBegin) {
  const std::string one = "t stdout F one\n", two = "t stderr P tw\nt stderr F o\n",
                    three = "t stdout F three\n";
  const std::string log = one + two + three;
  EXPECT_EQ(tail_offset(log, 0), log.size());
  EXPECT_EQ(tail_offset(log, 1), (one + two).size());
  EXPECT_EQ(tail_offset(log, 2), one.size());
  EXPECT_EQ(tail_offset(log, 3), 0U);
  EXPECT_EQ(tail_offset(log, 99), 0U);
  EXPECT_EQ(tail_offset("", 5), 0U);
  const std::string unended = one + "t stdout P rest\n";
  EXPECT_EQ(tail_offset(unended, 1), one.size());
}

TEST(Inspect, UsesDockersFieldNames) {
  Container c = sample("web", "172.17.0.2/16");
  c.attachment.ports = {{{}, 8080, 80, "tcp"}};
  const boost::json::value v = inspect_container(c, 0, "/run/podwire/netns/cnt-x", "/log");
  EXPECT_EQ(v.at("NetworkSettings").at("Networks").at("mynet").at("IPAddress"), "172.17.0.2");
  EXPECT_EQ(v.at("NetworkSettings").at("Ports").at("80/tcp").at(0).at("HostPort"), "8080");
  EXPECT_TRUE(v.at("State").at("ExitCode").is_null());
}

}  // namespace
}  // namespace podwire::docker
