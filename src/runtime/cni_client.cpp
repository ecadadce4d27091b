#include "runtime/cni_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ranges>

#include "base/process.h"
#include "oci/json_view.h"

namespace podwire::runtime {
namespace json = boost::json;

namespace {

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
  std::string command;
  const CniSubject& subject;
  std::string type;
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
  const std::string plugin = TRY(find_(invocation.type));
  const std::string dir = plugin.substr(0, plugin.rfind('/'));
  Command command{.argv = {plugin}, .env = {}, .input = json::serialize(invocation.config)};
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("CNI_")) command.env.emplace_back(*variable);
  command.env.push_back("CNI_COMMAND=" + invocation.command);
  command.env.push_back("CNI_CONTAINERID=" + invocation.subject.container_id);
  command.env.push_back("CNI_NETNS=" + invocation.subject.netns);
  command.env.push_back(fmt::format("CNI_IFNAME={}", kCniInterface));
  command.env.push_back("CNI_PATH=" + dir);
  if (!invocation.subject.args.empty()) command.env.push_back("CNI_ARGS=" + invocation.subject.args);
  command.before_exec = enter_;
  const auto output = TRY(podwire::run(command));
  if (output.status != 0)
    return fail(invocation.command,
                fmt::format("network {}", std::string_view(conflist_.at("name").as_string())), 0,
                reason(output));
  if (output.out.empty()) return json::object{};
  auto result = TRY(oci::parse_json(output.out, "result of " + invocation.type));
  if (!result.is_object()) return fail("read", "result of " + invocation.type, 0, "must be an object");
  return std::move(result.as_object());
}

namespace {

std::string type_of(const json::object& plugin) {
  const auto* type = plugin.if_contains("type");
  return type != nullptr && type->is_string() ? std::string(type->get_string()) : std::string();
}

}  // namespace

Result<json::object> CniClient::add(const CniSubject& subject) const {
  json::object result;
  for (const auto& plugin : conflist_.at("plugins").as_array())
    result = TRY(run({"ADD", subject, type_of(plugin.as_object()),
                      plugin_config(conflist_, plugin.as_object(), subject.runtime_config, &result)}));
  return result;
}

Result<> CniClient::del(const CniSubject& subject) const {
  ErrorList errors;
  for (const auto& plugin : conflist_.at("plugins").as_array() | std::views::reverse)
    errors.check(run({"DEL", subject, type_of(plugin.as_object()),
                      plugin_config(conflist_, plugin.as_object(), subject.runtime_config, nullptr)}));
  return errors.result();
}

Result<> CniClient::collect_garbage(const std::vector<std::string>& valid) const {
  json::array list;
  for (const auto& id : valid) list.push_back(json::object{{"containerID", id}, {"ifname", kCniInterface}});
  ErrorList errors;
  for (const auto& plugin : conflist_.at("plugins").as_array()) {
    auto config = plugin_config(conflist_, plugin.as_object(), {}, nullptr);
    config["cni.dev/valid-attachments"] = list;
    errors.check(run({"GC", CniSubject{}, type_of(plugin.as_object()), std::move(config)}));
  }
  return errors.result();
}

}  // namespace podwire::runtime
