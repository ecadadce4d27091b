#include "cni/netconf.h"

#include "cni/netconf_testing.h"

namespace podwire::cni {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Netconf, ReadsTheLeastThereIs) {
  const auto conf = parse(R"({"name":"n","type":"podwire-cni","link":"routed"})");
  ASSERT_TRUE(conf) << conf.error().msg;
  EXPECT_EQ(conf->cni_version, "0.1.0");
  EXPECT_EQ(conf->name, "n");
  EXPECT_EQ(conf->role, Role::link);
  EXPECT_EQ(conf->link.kind, LinkKind::routed);
  EXPECT_FALSE(conf->ipam);
  EXPECT_FALSE(conf->prev_result);
  EXPECT_EQ(conf->data_dir, NetConf().data_dir);
}

TEST(Netconf, KeepsWhatCameInForDelegates) {
  const auto conf =
      parse(R"({"name":"n","type":"podwire-cni","Strange":{"Key":1},"ipam":{"TYPE":"static"}})");
  ASSERT_TRUE(conf) << conf.error().msg;
  EXPECT_TRUE(conf->raw.at("Strange").as_object().contains("Key"));
  EXPECT_TRUE(conf->raw.at("ipam").as_object().contains("TYPE"));
}

TEST(Netconf, TellsWhereJsonIsBroken) {
  EXPECT_EQ(error_of("").code, Code::decode_failure);
  EXPECT_THAT(error_of(" \n").msg, HasSubstr("empty"));
  EXPECT_THAT(error_of(R"({"name":"n",})").msg, HasSubstr("no JSON"));
  EXPECT_THAT(error_of(R"({"name":"n")").msg, HasSubstr("ends too early"));
  EXPECT_THAT(error_of(R"({"name":"n"} x)").msg, HasSubstr("no JSON"));
  EXPECT_THAT(error_of("[1]").msg, HasSubstr("[1] is no JSON object"));
  EXPECT_EQ(error_of("null").code, Code::decode_failure);
  EXPECT_EQ(error_of("{\"name\":\"\xff\"}").code, Code::decode_failure);
  EXPECT_EQ(error_of(std::string("{}\0", 3)).code, Code::decode_failure);
  for (const auto* text : {R"({"a")", R"("name")", "1", "-", R"({"a":"\ud800"})", "{1:2}", "tru"})
    EXPECT_EQ(error_of(text).code, Code::decode_failure) << text;
}

// Found by the fuzzer (crashes/netconf/number-too-large): a delegate would have got "Infinity".
TEST(Netconf, RefusesNumbersThatCouldNotBePassedOn) {
  for (const auto* number : {"1e400", "-1e400", "0e709551615", "1844674407e709551615"}) {
    const auto e = error_of(conf_with(R"("a":[0,{"b":)" + std::string(number) + "}],"));
    EXPECT_EQ(e.code, Code::decode_failure);
    EXPECT_EQ(e.msg, "a[1].b: the number is too large") << number;
  }
  EXPECT_TRUE(parse(conf_with(R"("a":1e300,"b":1e-400,)")));
}

TEST(Netconf, LimitsSizeAndDepth) {
  const std::string big = R"({"name":")" + std::string(1 << 20, 'a') + "\"}";
  EXPECT_EQ(error_of(big).code, Code::decode_failure);
  EXPECT_THAT(error_of(big).msg, HasSubstr("1 MiB"));
  const auto nested = [](std::size_t depth) {
    return R"({"name":"n","type":"podwire-cni","link":"routed","x":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(parse(nested(90)));
  EXPECT_EQ(error_of(nested(101)).code, Code::decode_failure);
  EXPECT_EQ(error_of(nested(400'000)).code, Code::decode_failure);
}

TEST(Netconf, TheLastOfTwoEqualKeysCounts) {
  EXPECT_EQ(parse(R"({"name":"a","name":"b","type":"podwire-bridge"})").value().name, "b");
  EXPECT_THAT(error_of(R"({"name":"a","Name":"b","type":"podwire-bridge"})").msg, HasSubstr("second time"));
}

TEST(Netconf, ChecksTheVersion) {
  for (const auto& version : supported_versions())
    EXPECT_EQ(parse(conf_with("", version)).value().cni_version, version);
  EXPECT_EQ(error_of(conf_with("", "1.2.0")).code, Code::incompatible_version);
  EXPECT_THAT(error_of(conf_with("", "1.2.0")).msg, StartsWith("cniVersion: \"1.2.0\""));
  EXPECT_EQ(error_of(R"({"cniVersion":1.0,"name":"n","type":"podwire-cni"})").code, Code::bad_config);
}

TEST(Netconf, CommandsNeedTheirVersion) {
  const auto code = [](Command command, std::string_view version) {
    const auto conf = parse(conf_with(R"("prevResult":{},)", version), call(command));
    return conf ? 0U : static_cast<unsigned>(conf.error().code);
  };
  EXPECT_EQ(code(Command::check, "0.3.1"), 1U);
  EXPECT_EQ(code(Command::check, "0.4.0"), 0U);
  EXPECT_EQ(code(Command::gc, "1.0.0"), 1U);
  EXPECT_EQ(code(Command::gc, "1.1.0"), 0U);
  EXPECT_EQ(code(Command::status, "1.0.0"), 1U);
  EXPECT_EQ(code(Command::status, "1.1.0"), 0U);
  EXPECT_EQ(code(Command::del, "0.1.0"), 0U);
  const auto e = parse(conf_with(), call(Command::gc)).error();
  EXPECT_EQ(e.msg, "cniVersion: GC needs 1.1.0, the configuration has 1.0.0");
}

TEST(Netconf, ChecksTheName) {
  EXPECT_EQ(error_of(R"({"type":"podwire-cni"})").msg, "name is missing");
  for (const auto* bad : {"../../etc", ".hidden", "a b", "a/b", "-x"}) {
    const auto e = error_of(R"({"type":"podwire-cni","name":")" + std::string(bad) + "\"}");
    EXPECT_EQ(e.code, Code::bad_config);
    EXPECT_THAT(e.msg, StartsWith("name: \"" + std::string(bad) + "\""));
  }
}

TEST(Netconf, TellsTheRoleByType) {
  const auto role = [](std::string_view type, std::string_view more = "") {
    const auto conf = parse(R"({"cniVersion":"1.0.0","name":"n",)" + std::string(more) + R"("type":")" +
                            std::string(type) + "\"}");
    EXPECT_TRUE(conf) << conf.error().msg;
    return conf->role;
  };
  const auto* prev = R"("prevResult":{"ips":[{"address":"10.1.2.3/24"}]},)";
  EXPECT_EQ(role("podwire-bridge"), Role::link);
  EXPECT_EQ(role("podwire-portmap", prev), Role::chained);
  EXPECT_EQ(role("podwire-bandwidth", prev), Role::chained);
  EXPECT_EQ(role("podwire-loopback"), Role::loopback);
  EXPECT_EQ(role("podwire-cni", prev), Role::chained);
  EXPECT_EQ(role("podwire-cni", std::string(prev) + R"("ipam":{},)"), Role::link);
  EXPECT_EQ(role("podwire-cni", std::string(prev) + R"("link":"routed",)"), Role::link);
  EXPECT_EQ(role("podwire-cni", std::string(prev) + R"("hairpinMode":false,)"), Role::link);
  EXPECT_EQ(role("bridge", R"("ipam":{"type":"podwire-ipam","subnet":"10.1.0.0/24"},)"), Role::ipam);
}

TEST(Netconf, RefusesATypeThatIsNotOurs) {
  EXPECT_EQ(error_of(R"({"name":"n"})").msg, "type is missing");
  const auto e = error_of(R"({"name":"n","type":"bridge","ipam":{"type":"host-local"}})");
  EXPECT_EQ(e.code, Code::bad_config);
  EXPECT_THAT(e.msg, StartsWith("type: \"bridge\" is none of podwire-cni"));
  EXPECT_EQ(error_of(R"({"name":"n","type":"bridge","ipam":{}})").code, Code::bad_config);
}

TEST(Netconf, ReadsWhereRecordsLive) {
  EXPECT_EQ(parse(conf_with(R"("podwireDataDir":"/x",)")).value().data_dir, "/x");
  EXPECT_THAT(error_of(conf_with(R"("podwireDataDir":"x",)")).msg,
              StartsWith("podwireDataDir: \"x\" is no absolute path"));
}

TEST(Netconf, ReadsPrevResult) {
  const auto conf = parse(R"({"cniVersion":"0.4.0","name":"n","type":"podwire-portmap","prevResult":{
      "interfaces":[{"name":"eth0","sandbox":"/run/netns/a"}],"ips":[{"version":"4","interface":0,"address":"10.1.2.3/24"}]}})");
  ASSERT_TRUE(conf) << conf.error().msg;
  ASSERT_TRUE(conf->prev_result);
  EXPECT_EQ(conf->prev_result->interfaces.at(0).name, "eth0");
  EXPECT_EQ(conf->prev_result->ips.at(0).address.str(), "10.1.2.3/24");
  EXPECT_THAT(error_of(R"({"name":"n","type":"podwire-portmap","prevResult":"x"})").msg,
              StartsWith("prevResult: \"x\" is no object"));
}

TEST(Netconf, SomeCallsNeedPrevResult) {
  EXPECT_THAT(error_of(R"({"name":"n","type":"podwire-portmap"})").msg, StartsWith("prevResult is missing"));
  EXPECT_TRUE(parse(R"({"name":"n","type":"podwire-portmap"})", call(Command::del)));
  EXPECT_THAT(parse(conf_with(), call(Command::check)).error().msg, StartsWith("prevResult is missing"));
}

// A pod whose network configuration went bad after its ADD must still be able to go.
TEST(Netconf, DelIgnoresWhatItDoesNotNeed) {
  const auto* text = R"({"cniVersion":"1.1.0","name":"n","type":"podwire-bridge","mtu":"big","vlan":7,"dns":7,
      "ipam":{"type":"podwire-ipam","dataDir":"/d","ranges":7},"runtimeConfig":{"portMappings":[{}]},"prevResult":7})";
  EXPECT_FALSE(parse(text));
  for (const auto command : {Command::del, Command::gc}) {
    const auto conf = parse(text, call(command));
    ASSERT_TRUE(conf) << conf.error().msg;
    EXPECT_EQ(conf->ipam->data_dir, "/d");
    EXPECT_FALSE(conf->prev_result);
  }
  EXPECT_FALSE(parse(text, call(Command::status)));
}

// Found by the fuzzer (crashes/netconf/bridge-of-a-bad-name).
TEST(Netconf, DelDoesNotKeepWhatItIgnored) {
  const auto conf = parse(R"({"name":"n","type":"podwire-bridge","bridge":" cni0"})", call(Command::del));
  EXPECT_EQ(conf.value().link.bridge, "cni0");
  EXPECT_EQ(parse(R"({"name":"n","type":"podwire-bridge","mtu":7})", call(Command::del)).value().link.mtu,
            0U);
}

TEST(Netconf, DelInsistsOnWhereThingsAre) {
  for (const auto* bad :
       {R"("ipam":{"type":7})", R"("ipam":{"type":"podwire-ipam","dataDir":7})", R"("podwireDataDir":"x")"}) {
    const auto conf =
        parse(R"({"name":"n","type":"podwire-cni",)" + std::string(bad) + "}", call(Command::del));
    EXPECT_FALSE(conf) << bad;
  }
}

TEST(Netconf, ReadsValidAttachmentsForGc) {
  const auto valid = [](std::string_view more) {
    const auto conf = parse(conf_with(more, "1.1.0"), call(Command::gc));
    EXPECT_TRUE(conf) << conf.error().msg;
    return conf->valid_attachments;
  };
  using List = std::vector<ValidAttachment>;
  EXPECT_EQ(valid(""), std::nullopt);
  EXPECT_EQ(valid(R"("cni.dev/valid-attachments":null,)"), std::nullopt);
  EXPECT_EQ(valid(R"("cni.dev/valid-attachments":[],)"), List{});
  EXPECT_EQ(
      valid(
          R"("cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"},{"containerID":"b","ifname":"net1"}],)"),
      (List{{"a", "eth0"}, {"b", "net1"}}));
  EXPECT_EQ(valid(R"("cni.dev/attachments":[{"containerID":"a","ifname":"eth0"}],)"), (List{{"a", "eth0"}}));
  EXPECT_EQ(
      valid(R"("cni.dev/attachments":[],"cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}],)"),
      (List{{"a", "eth0"}}));
}

// Whoever is missing from this list is taken down: half a list must not be believed.
TEST(Netconf, ABadValidAttachmentIsAnErrorForGc) {
  for (const auto* bad :
       {"7", "{}", "[7]", "[{}]", R"([{"containerID":"a"}])", R"([{"containerID":"a","ifname":""}])"}) {
    const auto conf = parse(conf_with(R"("cni.dev/valid-attachments":)" + std::string(bad) + ",", "1.1.0"),
                            call(Command::gc));
    ASSERT_FALSE(conf) << bad;
    EXPECT_EQ(conf.error().code, Code::bad_config);
    EXPECT_THAT(conf.error().msg, StartsWith("cni.dev/valid-attachments"));
  }
}

TEST(Versions, AreOrdered) {
  const auto& all = supported_versions();
  EXPECT_EQ(all.front(), "0.1.0");
  EXPECT_EQ(all.back(), "1.1.0");
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(compare_versions(all[i], all[j]), i < j ? -1 : i > j ? 1 : 0);
}

}  // namespace
}  // namespace podwire::cni
