#include "docker/cni_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ranges>

#include "base/process.h"
#include "oci/json_view.h"

namespace podwire::docker {
namespace json = boost::json;

namespace {

constexpr const char* kInterface = "eth0";

json::object runtime_config_of(const Attachment& a) {
  json::object out;
  json::array ports;
  for (const auto& p : a.ports) {
    json::object port{
        {"hostPort", p.host_port}, {"containerPort", p.container_port}, {"protocol", p.protocol}};
    if (p.host_ip) port["hostIP"] = p.host_ip->str();
    ports.push_back(std::move(port));
  }
  if (!ports.empty()) out["portMappings"] = std::move(ports);
  if (a.wanted_ip) out["ips"] = json::array{a.wanted_ip->str()};
  if (a.wanted_mac) out["mac"] = a.wanted_mac->str();
  return out;
}

/// The error object's sentence, or what there is instead of one.
std::string reason(const Output& output) {
  if (const auto parsed = oci::parse_json(output.out, "result"); parsed && parsed->is_object()) {
    const oci::JsonView error(*parsed, "error");
    const auto text = [&](std::string_view key) {
      const auto field = error.at(key);
      return field ? field->text_or("").value_or("") : std::string{};
    };
    const std::string details = text("details");
    if (const std::string msg = text("msg"); !msg.empty())
      return details.empty() ? msg : msg + ": " + details;
  }
  return fmt::format("exit status {}, {}", output.status, output.err.empty() ? "without a word" : output.err);
}

}  // namespace

struct CniClient::Invocation {
  std::string command, container_id, netns;
  json::object config;
};

Result<std::string> find_cni_plugin() {
  if (const char* given = std::getenv("PODWIRE_CNI"); given != nullptr && *given != '\0') {
    if (::access(given, X_OK) == 0) return std::string(given);
    return fail("execute", given, errno, "PODWIRE_CNI names it");
  }
  std::array<char, PATH_MAX> self{};
  const ssize_t n = ::readlink("/proc/self/exe", self.data(), self.size());
  std::string beside(self.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  beside = beside.substr(0, beside.rfind('/')) + "/podwire-cni";
  for (const auto& candidate : {beside, std::string("/opt/cni/bin/podwire-cni")})
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  return fail(
      "find", "podwire-cni", ENOENT,
      fmt::format("neither {} nor /opt/cni/bin/podwire-cni is there; name it by PODWIRE_CNI", beside));
}

json::object plugin_config(const json::object& conflist, const json::object& plugin,
                           const json::object& runtime_config, const json::object* previous) {
  json::object out = plugin;
  out["cniVersion"] = conflist.at("cniVersion");
  out["name"] = conflist.at("name");
  json::object values;
  if (const auto* capabilities = plugin.if_contains("capabilities");
      capabilities != nullptr && capabilities->is_object())
    for (const auto& [key, wanted] : capabilities->as_object())
      if (const auto* value = runtime_config.if_contains(key); value != nullptr && wanted == true)
        values[key] = *value;
  out.erase("capabilities");
  if (!values.empty()) out["runtimeConfig"] = std::move(values);
  if (previous != nullptr && !previous->empty()) out["prevResult"] = *previous;
  return out;
}

Result<json::object> CniClient::run(const Invocation& invocation) const {
  const std::string plugin = TRY(find_cni_plugin());
  const std::string dir = plugin.substr(0, plugin.rfind('/'));
  Command command{.argv = {plugin}, .env = {}, .input = json::serialize(invocation.config)};
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("CNI_")) command.env.emplace_back(*variable);
  command.env.push_back("CNI_COMMAND=" + invocation.command);
  command.env.push_back("CNI_CONTAINERID=" + invocation.container_id);
  command.env.push_back("CNI_NETNS=" + invocation.netns);
  command.env.push_back(fmt::format("CNI_IFNAME={}", kInterface));
  command.env.push_back("CNI_PATH=" + dir);
  const kernel::NetNs& netns = site_.netns();
  command.before_exec = [&netns] { return netns.join(); };
  const auto output = TRY(podwire::run(command));
  if (output.status != 0)
    return fail(invocation.command,
                fmt::format("network {}", std::string_view(conflist_.at("name").as_string())), 0,
                reason(output));
  if (output.out.empty()) return json::object{};
  auto result = TRY(oci::parse_json(output.out, "result of podwire-cni"));
  if (!result.is_object()) return fail("read", "result of podwire-cni", 0, "must be an object");
  return std::move(result.as_object());
}

Result<json::object> CniClient::add(const std::string& container_id, const Attachment& attachment) const {
  json::object result;
  for (const auto& plugin : conflist_.at("plugins").as_array())
    result = TRY(run({"ADD", container_id, site_.container_netns(container_id),
                      plugin_config(conflist_, plugin.as_object(), runtime_config_of(attachment), &result)}));
  return result;
}

Result<> CniClient::del(const std::string& container_id, const Attachment& attachment) const {
  ErrorList errors;
  for (const auto& plugin : conflist_.at("plugins").as_array() | std::views::reverse)
    errors.check(run({"DEL", container_id, site_.container_netns(container_id),
                      plugin_config(conflist_, plugin.as_object(), runtime_config_of(attachment), nullptr)}));
  return errors.result();
}

Result<> CniClient::collect_garbage(const std::vector<std::string>& valid) const {
  json::array list;
  for (const auto& id : valid) list.push_back(json::object{{"containerID", id}, {"ifname", kInterface}});
  ErrorList errors;
  for (const auto& plugin : conflist_.at("plugins").as_array()) {
    auto config = plugin_config(conflist_, plugin.as_object(), {}, nullptr);
    config["cni.dev/valid-attachments"] = list;
    errors.check(run({"GC", "", "", std::move(config)}));
  }
  return errors.result();
}

Result<> take_result(const json::object& result, Attachment& into) {
  const json::value document = result;
  const oci::JsonView root(document, "result");
  into.addresses.clear();
  into.gateways.clear();
  for (const auto& ip : TRY(TRY(root.at("ips")).items())) {
    into.addresses.push_back(TRY(Cidr::parse(TRY(TRY(ip.at("address")).text()))));
    if (const auto gateway = TRY(ip.at("gateway")); !gateway.absent())
      into.gateways.push_back(TRY(IpAddr::parse(TRY(gateway.text()))));
  }
  for (const auto& interface : TRY(TRY(root.at("interfaces")).items())) {
    const auto name = TRY(TRY(interface.at("name")).text_or(""));
    const bool inside = !TRY(TRY(interface.at("sandbox")).text_or("")).empty();
    if (inside && name == kInterface) into.mac = TRY(TRY(interface.at("mac")).text_or(""));
    if (!inside && name.starts_with("veth")) into.host_link = name;
  }
  return {};
}

}  // namespace podwire::docker
