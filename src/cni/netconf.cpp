#include "cni/netconf.h"

#include <algorithm>
#include <boost/json/parser.hpp>
#include <cmath>

#include "base/log.h"
#include "cni/netconf_parts.h"

namespace podwire::cni {
namespace json = boost::json;
namespace {

constexpr std::uint32_t kLeastMtuOfIpv6 = 1280;  // RFC 8200, 5
constexpr std::size_t kMaxDepth = 100;           // runtimeConfig carries whatever pods are annotated with

/// The path of a number beyond a double's range, which Boost.JSON reads as infinity. A delegate would get it
/// as "Infinity", and that is no JSON. nullopt: there is none.
std::optional<std::string> find_infinite(const json::value& value) {
  if (value.is_double() && !std::isfinite(value.get_double())) return std::string();
  if (const auto* object = value.if_object())
    for (const auto& member : *object)
      if (auto path = find_infinite(member.value())) return "." + std::string(member.key()) + *path;
  if (const auto* array = value.if_array())
    for (std::size_t i = 0; i < array->size(); ++i)
      if (auto path = find_infinite((*array)[i])) return "[" + std::to_string(i) + "]" + *path;
  return std::nullopt;
}

CniResult<json::object> parse_object(std::string_view text) {
  if (text.size() > kLargestConfig)
    return refuse(Code::decode_failure,
                  "the configuration is larger than 1 MiB (" + std::to_string(text.size()) + " bytes)");
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return refuse(Code::decode_failure, "the configuration is empty: nothing came on standard input");
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::parser parser({}, options);
  boost::system::error_code ec;
  const auto read = parser.write_some(text.data(), text.size(), ec);
  if (ec == json::error::incomplete)
    return refuse(Code::decode_failure, "the configuration is no JSON: it ends too early");
  if (!ec && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) ec = json::error::extra_data;
  if (ec)
    return refuse(Code::decode_failure,
                  "the configuration is no JSON: " + ec.message() + " near byte " + std::to_string(read));
  auto value = parser.release();
  if (!value.is_object())
    return refuse(Code::decode_failure, "the configuration " + shown(value) + " is no JSON object");
  if (const auto path = find_infinite(value))
    return refuse(Code::decode_failure, path->substr(1) + ": the number is too large");
  return std::move(value.get_object());
}

CniResult<> read_version(const Field& conf, Command command, std::string& out) {
  const auto field = TRY(conf.member("cniVersion"));
  std::string version;
  TRY(field.read(version));
  if (!version.empty()) out = version;
  if (std::ranges::find(supported_versions(), out) == supported_versions().end())
    return field.refuse(Code::incompatible_version,
                        "is not supported (0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0 are)");
  const auto least = command == Command::check                              ? "0.4.0"
                     : command == Command::gc || command == Command::status ? "1.1.0"
                                                                            : "0.1.0";
  if (compare_versions(out, least) < 0)
    return refuse(Code::incompatible_version, "cniVersion: " + std::string(name_of(command)) + " needs " +
                                                  least + ", the configuration has " + out);
  return {};
}

CniResult<> read_name(const Field& conf, std::string& out) {
  const auto name = TRY(conf.member("name"));
  TRY(name.require(out));
  // The specification's expression for network names is that for container ids.
  if (!valid_container_id(out))
    return name.refuse("must be letters, digits, '_', '.' and '-', the first a letter or digit");
  return {};
}

CniResult<Role> read_role(const Field& conf, std::string& type) {
  const auto field = TRY(conf.member("type"));
  TRY(field.require(type));
  if (type == "podwire-bridge") return Role::link;
  if (type == "podwire-portmap" || type == "podwire-bandwidth") return Role::chained;
  if (type == "podwire-loopback") return Role::loopback;
  const auto ipam = TRY(conf.member("ipam"));
  if (type == "podwire-cni") {
    const bool makes_link =
        ipam.given() || TRY(conf.member("link")).given() || !TRY(bridge_key_in(conf)).empty();
    return makes_link ? Role::link : Role::chained;
  }
  // Another plugin's configuration: we are what its ipam.type names.
  std::string ipam_type;
  TRY(TRY(ipam.member("type")).read(ipam_type));
  if (!ipam_type.empty() && is_our_ipam(ipam_type)) return Role::ipam;
  return field.refuse(
      "is none of podwire-cni, -bridge, -portmap, -bandwidth and -loopback, and ipam.type is not "
      "podwire-ipam");
}

/// DEL and GC are to succeed wherever they can: a runtime repeats a DEL that fails for ever and the pod stays
/// Terminating, so a bad value that taking down does not need is only logged.
class Tolerance {
 public:
  explicit Tolerance(Command command) : tearing_down_(command == Command::del || command == Command::gc) {}
  [[nodiscard]] CniResult<> operator()(CniResult<> read) const {
    if (read || !tearing_down_) return read;
    log::warn("ignored in the configuration", {{"problem", read.error().msg}});
    return {};
  }

 private:
  bool tearing_down_;
};

CniResult<> read_prev_result(const Field& conf, Command command, NetConf& out) {
  const auto field = TRY(conf.member("prevResult"));
  if (field.given()) out.prev_result = TRY(read_result(field, out.cni_version));
  if (out.prev_result) return {};
  if (command == Command::check) return refuse(Code::bad_config, "prevResult is missing: CHECK needs it");
  if (command == Command::add && out.role == Role::chained)
    return refuse(Code::bad_config,
                  "prevResult is missing: " + out.type +
                      " without ipam, link or bridge comes after the plugin that makes the interface");
  return {};
}

/// What single keys cannot tell.
CniResult<> check_together(const NetConf& conf, Command command) {
  if (!conf.link.container_interface && conf.ipam)
    return refuse(Code::bad_config, "disableContainerInterface: true excludes ipam");
  if (!conf.ipam || !conf.ipam->ours) return {};
  const auto& sets = conf.ipam->range_sets;
  // Capability arguments (ipRanges) come with ADD only.
  if (sets.empty() && command == Command::add)
    return refuse(Code::bad_config,
                  "ipam.ranges is missing: no subnet to give addresses from (nor in runtimeConfig.ipRanges)");
  const bool v6 =
      std::ranges::any_of(sets, [](const auto& set) { return set.front().subnet.addr().is_v6(); });
  if (v6 && conf.link.mtu != 0 && conf.link.mtu < kLeastMtuOfIpv6)
    return refuse(Code::bad_config,
                  "mtu: " + std::to_string(conf.link.mtu) + " is too small for IPv6, which needs 1280");
  return {};
}

CniResult<> read_parts(const Field& conf, const Invocation& invocation, NetConf& out) {
  const Tolerance tolerate(invocation.command);
  const bool attaches = invocation.command == Command::add || invocation.command == Command::check;
  TRY(TRY(conf.member("podwireDataDir")).read_absolute_path(out.data_dir));
  TRY(TRY(conf.member("podwireAgentDir")).read_absolute_path(out.agent_dir));
  if (invocation.command == Command::gc) TRY(read_valid_attachments(conf, out.valid_attachments));
  if (out.role == Role::link) TRY(tolerate(read_link(conf, out.type, out.link)));
  if (out.role == Role::link || out.role == Role::ipam) {
    out.ipam = TRY(read_ipam(conf));
    if (out.ipam && out.ipam->ours) TRY(tolerate(read_pools(conf, invocation, out.cni_version, *out.ipam)));
  }
  TRY(tolerate(check_together(out, invocation.command)));
  if (out.role == Role::ipam) return {};
  if (out.role != Role::loopback) TRY(tolerate(refuse_unsupported(conf, out.role)));
  if (attaches || invocation.command == Command::del) {
    TRY(tolerate(read_runtime(conf, invocation, out)));
    TRY(tolerate(read_prev_result(conf, invocation.command, out)));
  }
  return {};
}

}  // namespace

CniResult<NetConf> parse_netconf(std::string_view text, const Invocation& invocation) {
  NetConf out;
  out.raw = TRY(parse_object(text));
  const Field conf(out.raw);
  TRY(read_version(conf, invocation.command, out.cni_version));
  TRY(read_name(conf, out.name));
  out.role = TRY(read_role(conf, out.type));
  TRY(read_parts(conf, invocation, out));
  return out;
}

std::string asked_version(std::string_view text) {
  std::string version;
  const auto raw = parse_object(text);
  if (!raw) return supported_versions().back();
  const auto field = Field(*raw).member("cniVersion");
  if (!field || !field->read(version) || std::ranges::count(supported_versions(), version) == 0)
    return supported_versions().back();
  return version;
}

}  // namespace podwire::cni
