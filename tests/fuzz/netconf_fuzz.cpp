// What a runtime hands to podwire-cni: environment variables, one a line, then an empty line, then the
// configuration.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <map>

#include "base/log.h"
#include "cni/invocation.h"
#include "cni/netconf.h"

using namespace podwire;
using namespace podwire::cni;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

/// An error says something, and its object is JSON that a runtime can read.
void check_error(const CniError& error) {
  must(!error.msg.empty());
  const auto object = encode_error(error, "1.1.0");
  must(boost::json::parse(boost::json::serialize(object)) == boost::json::value(object));
}

void check_ranges(const IpamConf& ipam) {
  for (const auto& set : ipam.range_sets) {
    must(!set.empty());
    for (const auto& range : set) {
      must(range.subnet.is_network() && range.first && range.last && range.gateway);
      must(range.subnet.contains(*range.first) && *range.first <= *range.last &&
           range.subnet.contains(*range.last));
    }
    must(plan::capacity(set) <= ~u128{0});
  }
}

void check_conf(const NetConf& conf) {
  must(valid_container_id(conf.name) && !conf.type.empty());
  must(std::ranges::find(supported_versions(), conf.cni_version) != supported_versions().end());
  must(valid_ifname(conf.link.bridge));
  for (const auto& port : conf.port_mappings) must(port.host_port != 0 && port.container_port != 0);
  must(conf.data_dir.starts_with('/'));
  if (conf.ipam) check_ranges(*conf.ipam);
  if (conf.prev_result)
    for (const auto& ip : conf.prev_result->ips)
      must(!ip.interface || *ip.interface < conf.prev_result->interfaces.size());
}

std::map<std::string, std::string> read_variables(std::string_view& text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) break;
    const auto equals = std::min(line.find('='), line.size());
    out[std::string(line.substr(0, equals))] = line.substr(std::min(line.size(), equals + 1));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  log::set_level(log::Level::error);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto variables = read_variables(text);
  auto invocation = parse_invocation([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
  if (!invocation) check_error(invocation.error());
  const auto asked = asked_version(text);
  must(std::ranges::find(supported_versions(), asked) != supported_versions().end());
  for (const auto command : {Command::add, Command::del, Command::check, Command::gc, Command::status}) {
    Invocation call = invocation.value_or(Invocation{});
    call.command = command;
    const auto conf = parse_netconf(text, call);
    if (!conf) {
      check_error(conf.error());
      continue;
    }
    check_conf(*conf);
    // A delegate gets what we got.
    must(parse_netconf(boost::json::serialize(conf->raw), call).has_value());
  }
  return 0;
}
