#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cni/netconf.h"

/// What the tests of the parts of parse_netconf share.
namespace podwire::cni {

inline Invocation call(Command command, std::map<std::string, std::string> args = {}) {
  return {.command = command,
          .container_id = "c1",
          .netns = "/run/netns/a",
          .ifname = "eth0",
          .path = {},
          .args = std::move(args)};
}

inline CniResult<NetConf> parse(std::string_view text, const Invocation& invocation = call(Command::add)) {
  return parse_netconf(text, invocation);
}

/// A configuration of podwire-cni that makes a link, with `more` members: `"key":value,`. An "ipam" there
/// wins.
inline std::string conf_with(std::string_view more = "", std::string_view version = "1.0.0") {
  return R"({"cniVersion":")" + std::string(version) + R"(","ipam":{"type":"static"},)" + std::string(more) +
         R"("name":"n","type":"podwire-cni"})";
}

inline CniError error_of(std::string_view text, const Invocation& invocation = call(Command::add)) {
  const auto conf = parse(text, invocation);
  EXPECT_FALSE(conf) << text;
  return conf ? CniError{} : conf.error();
}

}  // namespace podwire::cni
